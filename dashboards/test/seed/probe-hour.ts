import { hexId, pointRow, spanRow } from './rows.ts';

const MINUTE_MS = 60_000;
const INTERVAL_MS = 30_000;
const PHASES_MS = { resolve: 1, connect: 2, tls: 6, request: 20, transfer: 3 } as const;

/** The monitors of the hour, by what happens to them. `new` is listed but was never probed. */
export const MONITORS = ['shop', 'pay', 'partner', 'new'] as const;

/** Rows of an hour of probes that end at `endMs`. */
export interface ProbeHour {
  readonly spans: Record<string, unknown>[];
  readonly gauges: Record<string, unknown>[];
  readonly sums: Record<string, unknown>[];
  /** The newest failed run of `shop`. */
  readonly failedTraceId: string;
}

interface Run {
  readonly monitor: string;
  readonly number: number;
  readonly atMs: number;
  readonly outcome: 'up' | 'down' | 'unknown';
  readonly reason: string;
  readonly message: string;
}

/**
 * An hour of probes every 30 s: `shop` answers 503 in the last three minutes, `pay` (https) always passes, `partner` passes but
 * for one run in the middle that says nothing and the last one, a failure that is not confirmed yet, and a monitor `gone` was listed only in the first minutes.
 */
export function seedProbeHour(endMs: number): ProbeHour {
  const hour: ProbeHour = { spans: [], gauges: [], sums: [], failedTraceId: hexId(0x9000 + 119 * 3, 32) };
  for (let index = 0; index < 120; index++) {
    const atMs = endMs - 60 * MINUTE_MS + index * INTERVAL_MS + 7_000;
    for (const [offset, monitor] of MONITORS.slice(0, 3).entries()) {
      addRun(hour, runOf(monitor, index * 3 + offset, atMs, endMs));
    }
    addList(hour, atMs, endMs);
  }
  return hour;
}

function runOf(monitor: string, number: number, atMs: number, endMs: number): Run {
  const run = { monitor, number, atMs };
  if (monitor === 'shop' && endMs - atMs < 3 * MINUTE_MS) {
    return { ...run, outcome: 'down', reason: 'status_mismatch', message: 'The status is 503; 200 was expected.' };
  }
  if (monitor === 'partner' && Math.floor(number / 3) === 60) {
    return { ...run, outcome: 'unknown', reason: 'network_unreachable', message: 'There is no network here.' };
  }
  if (monitor === 'partner' && endMs - atMs < INTERVAL_MS) {
    return { ...run, outcome: 'down', reason: 'timeout', message: 'No answer within 5s.' };
  }
  return { ...run, outcome: 'up', reason: 'ok', message: 'The status is 200 as expected.' };
}

function addRun(hour: ProbeHour, { monitor, number, atMs, outcome, reason, message }: Run): void {
  const traceId = hexId(0x9000 + number, 32);
  const rootId = hexId(0x9000 + number * 8, 16);
  const confirmed = monitor === 'partner' && outcome === 'down' ? 'up' : outcome;
  const phases = Object.entries(PHASES_MS).filter(([phase]) => phase !== 'tls' || monitor === 'pay');
  const totalMs = phases.reduce((sum, [, ms]) => sum + ms, 0);
  const endMs = atMs + totalMs;
  const common = { 'tocsin.monitor.name': monitor, 'tocsin.monitor.kind': 'http' };
  const resource = { 'tocsin.location': 'default' };
  const judged = { ...common, 'tocsin.probe.outcome': outcome, 'tocsin.probe.reason': reason };
  hour.spans.push(
    spanRow({
      service: 'tocsin-checker',
      name: `probe ${monitor}`,
      kind: 'Client',
      traceId,
      spanId: rootId,
      atMs,
      durationMs: totalMs,
      status: outcome === 'down' ? 'Error' : 'Unset',
      message: outcome === 'down' ? message : '',
      attributes: {
        ...judged,
        'tocsin.probe.message': message,
        'tocsin.monitor.state': confirmed,
        'http.request.method': 'GET',
        'url.full': `http://${monitor}.test/health`,
        'http.response.status_code': outcome === 'unknown' ? '' : outcome === 'down' ? '503' : '200',
        'network.peer.address': '127.0.0.1',
      },
      resource,
    }),
  );
  let startMs = atMs;
  for (const [index, [phase, durationMs]] of phases.entries()) {
    const spanId = hexId(0x9000 + number * 8 + index + 1, 16);
    hour.spans.push(
      spanRow({
        service: 'tocsin-checker',
        name: phase,
        traceId,
        spanId,
        parentSpanId: rootId,
        atMs: startMs,
        durationMs,
        resource,
      }),
    );
    startMs += durationMs;
    hour.gauges.push(
      pointRow('tocsin.probe.duration', endMs, durationMs / 1_000, { ...common, 'tocsin.probe.phase': phase }),
    );
  }
  hour.gauges.push(
    pointRow('tocsin.probe.duration', endMs, totalMs / 1_000, { ...common, 'tocsin.probe.phase': 'total' }),
    pointRow('tocsin.probe.lateness', endMs, 0.002, common),
  );
  if (outcome !== 'unknown') hour.gauges.push(pointRow('tocsin.probe.up', endMs, outcome === 'up' ? 1 : 0, common));
  const state = { ...common, 'tocsin.monitor.state': confirmed };
  hour.gauges.push(pointRow('tocsin.monitor.up', endMs, confirmed === 'down' ? 0 : 1, state));
  if (monitor === 'pay') {
    hour.gauges.push(pointRow('tocsin.probe.tls.not_after', endMs, Math.floor(atMs / 1_000) + 20 * 86_400, common));
  }
  hour.sums.push({ ...pointRow('tocsin.probe.runs', endMs, 1, judged), AggregationTemporality: 1, IsMonotonic: true });
}

function addList(hour: ProbeHour, atMs: number, endMs: number): void {
  const early = endMs - atMs > 55 * MINUTE_MS;
  hour.gauges.push(pointRow('tocsin.checker.blind', atMs, 0, {}));
  for (const monitor of [...MONITORS, ...(early ? ['gone'] : [])]) {
    const attributes = {
      'tocsin.monitor.name': monitor,
      'tocsin.monitor.kind': 'http',
      'tocsin.monitor.target': `http://${monitor}.test/health`,
    };
    hour.gauges.push(pointRow('tocsin.monitor.interval', atMs, INTERVAL_MS / 1_000, attributes));
  }
}
