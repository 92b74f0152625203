import { hexId, logRow, spanRow } from './rows.ts';

const MINUTE_MS = 60_000;
const TRACES_A_MINUTE = 6;

/** Rows of half an hour of a store with what it calls, in two versions. */
export interface DeployedStore {
  readonly spans: Record<string, unknown>[];
  readonly logs: Record<string, unknown>[];
  /** When the newer version began, Unix ms. */
  readonly deployedMs: number;
}

/**
 * Half an hour of `store` before `endMs`: web → store → PostgreSQL, payment and a queue, on two instances. In the last ten minutes they run 2.0.0, which is
 * twice as slow and fails every fifth time.
 */
export function seedDeployedStore(endMs: number): DeployedStore {
  const deployedMs = endMs - 10 * MINUTE_MS;
  const spans: Record<string, unknown>[] = [];
  const logs: Record<string, unknown>[] = [];
  for (let number = 0; number < 30 * TRACES_A_MINUTE; number++) {
    const atMs = endMs - 30 * MINUTE_MS + (number * MINUTE_MS) / TRACES_A_MINUTE;
    const isNew = atMs >= deployedMs;
    const failed = isNew && number % 5 === 0;
    const traceId = hexId(0x70000 + number, 32);
    spans.push(...traceOf(traceId, number, atMs, isNew, failed));
    if (failed)
      logs.push(logRow('store', atMs + 40, 'payment was refused', traceId, hexId(0x70000 + number * 8 + 1, 16)));
  }
  return { spans, logs, deployedMs };
}

function traceOf(
  traceId: string,
  number: number,
  atMs: number,
  isNew: boolean,
  failed: boolean,
): Record<string, unknown>[] {
  const id = (index: number): string => hexId(0x70000 + number * 8 + index, 16);
  const slow = (isNew ? 2 : 1) * (1 + (number % 7) / 10);
  const resource = {
    'service.version': isNew ? '2.0.0' : '1.9.3',
    'deployment.environment.name': 'production',
    'service.instance.id': `store-${number % 2}`,
    'host.name': `host-${number % 2}`,
  };
  const status = failed ? { status: 'Error' as const, exception: 'payment was refused' } : {};
  const of = (
    index: number,
    parent: number,
    service: string,
    name: string,
    kind: string,
    from: number,
    to: number,
  ) => ({
    service,
    name,
    kind,
    traceId,
    spanId: id(index),
    ...(parent >= 0 && { parentSpanId: id(parent) }),
    atMs: atMs + from * slow,
    durationMs: (to - from) * slow,
  });
  return [
    spanRow({ ...of(0, -1, 'web', 'GET /buy', 'Server', 0, 130), ...status }),
    spanRow({
      ...of(7, 0, 'web', 'POST', 'Client', 4, 126),
      attributes: { 'peer.service': 'store', 'http.request.method': 'POST' },
      ...status,
    }),
    spanRow({
      ...of(1, 7, 'store', 'POST /orders', 'Server', 6, 124),
      attributes: { 'http.route': '/orders', 'http.response.status_code': failed ? '500' : '201' },
      resource,
      ...status,
    }),
    spanRow({
      ...of(2, 1, 'store', 'SELECT items', 'Client', 8, 30),
      attributes: { 'db.system.name': 'postgresql', 'db.namespace': 'store', 'db.query.text': 'SELECT * FROM items' },
      resource,
    }),
    spanRow({
      ...of(3, 1, 'store', 'charge', 'Client', 32, 100),
      attributes: { 'peer.service': 'payment' },
      resource,
      ...status,
    }),
    spanRow({ ...of(4, 3, 'payment', 'POST /charge', 'Server', 35, 97), ...status }),
    spanRow({
      ...of(5, 1, 'store', 'orders publish', 'Producer', 102, 112),
      attributes: { 'messaging.system': 'kafka', 'messaging.destination.name': 'orders' },
      resource,
    }),
    spanRow({ ...of(6, 1, 'store', 'render', 'Internal', 20, 60), resource }),
  ];
}
