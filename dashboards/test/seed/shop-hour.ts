import { hexId, logRow, spanRow } from './rows.ts';

const MINUTE_MS = 60_000;
const TRACES_A_MINUTE = 12;

/** Rows of an hour of a shop and its stock that end at `endMs`. */
export interface ShopHour {
  readonly spans: Record<string, unknown>[];
  readonly logs: Record<string, unknown>[];
  /** The newest failed trace. */
  readonly failedTraceId: string;
}

/**
 * An hour of the shop: 12 traces a minute of three spans (shop server → shop client → stock server) and a log record each. In
 * the last ten minutes every third checkout fails with an exception.
 */
export function seedShopHour(endMs: number): ShopHour {
  const spans: Record<string, unknown>[] = [];
  const logs: Record<string, unknown>[] = [];
  let failedTraceId = '';
  for (let number = 0; number < 60 * TRACES_A_MINUTE; number++) {
    const atMs = endMs - 60 * MINUTE_MS + (number * MINUTE_MS) / TRACES_A_MINUTE + 1_000;
    const checkout = number % 2 === 1;
    const failed = checkout && endMs - atMs < 10 * MINUTE_MS && number % 3 === 0;
    const traceId = hexId(0x1000 + number, 32);
    if (failed) failedTraceId = traceId;
    spans.push(...traceOf(traceId, number, atMs, checkout, failed));
    logs.push(logRow('shop', atMs + 2, failed ? 'card declined' : 'cart read', traceId, hexId(number * 3 + 1, 16)));
  }
  return { spans, logs, failedTraceId };
}

function traceOf(
  traceId: string,
  number: number,
  atMs: number,
  checkout: boolean,
  failed: boolean,
): Record<string, unknown>[] {
  const [rootId, clientId, stockId] = [1, 2, 3].map((index) => hexId(number * 3 + index, 16));
  const durationMs = 20 + (number % 40) + (checkout ? 60 : 0);
  const status = failed ? { status: 'Error' as const, exception: 'card declined' } : {};
  const resource = { 'service.version': '1.4.0' };
  return [
    spanRow({
      service: 'shop',
      name: checkout ? 'POST /checkout' : 'GET /cart',
      kind: 'Server',
      traceId,
      spanId: rootId ?? '',
      atMs,
      durationMs,
      attributes: {
        'http.request.method': checkout ? 'POST' : 'GET',
        'http.response.status_code': failed ? '500' : '200',
      },
      resource,
      ...status,
    }),
    spanRow({
      service: 'shop',
      name: 'GET',
      kind: 'Client',
      traceId,
      spanId: clientId ?? '',
      parentSpanId: rootId ?? '',
      atMs: atMs + 3,
      durationMs: durationMs - 10,
      resource,
    }),
    spanRow({
      service: 'stock',
      name: 'GET /stock/{item}',
      kind: 'Server',
      traceId,
      spanId: stockId ?? '',
      parentSpanId: clientId ?? '',
      atMs: atMs + 5,
      durationMs: durationMs - 15,
    }),
  ];
}
