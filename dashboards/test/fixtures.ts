import { loadConfig, type Monitor, type TocsinConfig } from '@tocsin/service/config';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Overview } from '../src/overview/overview-types.ts';
import type { MonitorRunsRow } from '../src/queries/monitor-runs.ts';
import type { LocationVerdict, MonitorVerdictRow } from '../src/queries/monitor-verdicts.ts';
import type { TraceSpanRow } from '../src/queries/trace-spans.ts';
import { available } from '../src/part.ts';

/** 2026-11-22 19:00:00 UTC, in Unix ms: a full hour, so buckets fall evenly. */
export const EVENING_MS = Date.UTC(2026, 10, 22, 19, 0, 0);

/** A configuration read from YAML as a service reads it. */
export async function configFrom(yaml: string): Promise<TocsinConfig> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-dashboards-'));
  try {
    await writeFile(join(folder, 'tocsin.yaml'), yaml);
    return await loadConfig({ file: 'tocsin.yaml', env: {}, workingDir: folder });
  } finally {
    await rm(folder, { recursive: true });
  }
}

const DEFAULT_TLS = {
  caFile: undefined,
  certFile: undefined,
  keyFile: undefined,
  keyPassword: undefined,
  serverName: undefined,
  insecure: false,
};

/** A monitor with the given interval. */
export function monitorEvery(name: string, intervalMs: number): Monitor {
  return {
    name,
    kind: 'http',
    schedule: { type: 'interval', intervalMs },
    timeoutMs: 5_000,
    confirm: { failures: 2, withinMs: 30_000, retryAfterMs: 5_000 },
    recoverSuccesses: 1,
    dependsOn: [],
    maintenance: [],
    http: {
      url: `http://127.0.0.1:3000/${name}`,
      method: 'GET',
      headers: {},
      body: undefined,
      auth: undefined,
      redirects: undefined,
      maxRedirects: 5,
      decompress: true,
      maxBodyBytes: 2 ** 20,
    },
    connection: { tls: DEFAULT_TLS, proxy: undefined, version: 'auto', ip: 'auto' },
    expect: [{ subject: 'status', ranges: [{ from: 200, to: 299 }], severity: 'down' }],
  };
}

/** A monitor's newest run at a location, five seconds ago. */
export function runsOf(monitor: string, changes: Partial<MonitorRunsRow> = {}): MonitorRunsRow {
  return {
    monitor,
    location: 'default',
    last_at_ms: EVENING_MS - 5_000,
    outcome: 'up',
    reason: 'ok',
    message: 'Status 200 as expected.',
    status_code: '200',
    trace_id: 'a'.repeat(32),
    duration_ms: 12,
    recent: [],
    ...changes,
  };
}

/** What a location has just told. */
export function toldAt(location: string, state: string, mutedBy = '', suppressedBy = ''): LocationVerdict {
  return [location, state, mutedBy, suppressedBy, EVENING_MS - 1_000];
}

/** What is held of a monitor, by default of one that a single location tells of. */
export function verdictOf(monitor: string, state: string, changes: Partial<MonitorVerdictRow> = {}): MonitorVerdictRow {
  const at = (states: readonly string[]): string[] => (states.includes(state) ? ['default'] : []);
  return {
    monitor,
    state: state === '' ? 'unknown' : state,
    muted_by: '',
    suppressed_by: '',
    down_at: at(['down']),
    up_at: at(['up', 'degraded']),
    unknown_at: at(['unknown', '']),
    silent_at: [],
    locations: [toldAt('default', state)],
    ...changes,
  };
}

/** An overview in which nothing is configured and nothing came. */
export function emptyOverview(changes: Partial<Overview> = {}): Overview {
  return {
    atMs: EVENING_MS,
    monitors: available([]),
    alerts: available([]),
    services: available({ services: [], truncated: false }),
    send: { http: 'http://127.0.0.1:4318', grpc: 'http://127.0.0.1:4317' },
    links: { clickhouse: 'http://127.0.0.1:8123/', alerts: 'http://127.0.0.1:9093/api/v2/alerts', grafana: undefined },
    ...changes,
  };
}

/** A span row; times in ms against the start of the trace. */
export function spanRow(id: string, parent: string, changes: Partial<TraceSpanRow> = {}): TraceSpanRow {
  return {
    span_id: id,
    parent_span_id: parent,
    service: 'shop',
    name: `span ${id}`,
    kind: 'Internal',
    start_ms: EVENING_MS,
    duration_ms: 10,
    status: 'Unset',
    start_ns: '0',
    failure: '',
    events: 0,
    event_offsets_ms: [],
    links: 0,
    total: 1,
    total_errors: 0,
    total_end_ms: 0,
    ...changes,
  };
}
