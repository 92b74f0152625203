import type { ClickHouseClient } from '@clickhouse/client';
import { hexId, spanRow } from './rows.ts';

const DAY_MS = 86_400_000;

/**
 * What a monitor's page shows beside the seeded hour: the newest run of `pay` has seen a certificate (its earliest end in 9 days, verified in 60), and in the trace of
 * `traceId`, a run of `shop`, the application answered.
 */
export async function seedMonitorExtras(client: ClickHouseClient, traceId: string, endMs: number): Promise<void> {
  const common = {
    service: 'tocsin-checker',
    kind: 'Client',
    durationMs: 32,
    resource: { 'tocsin.location': 'default' },
  };
  const [row] = (await (
    await client.query({
      query: `SELECT toFloat64(toUnixTimestamp64Milli(Timestamp)) AS at, SpanId AS id FROM otel_traces WHERE TraceId = {id:String} AND ParentSpanId = ''`,
      query_params: { id: traceId },
      format: 'JSONEachRow',
    })
  ).json()) as { at: number; id: string }[];
  if (!row) throw new Error('the trace of the run is not there');
  const values = [
    spanRow({
      ...common,
      name: 'probe pay',
      traceId: hexId(0xfeed01, 32),
      spanId: hexId(0xfeed01, 16),
      atMs: endMs - 2_000,
      attributes: {
        'tocsin.monitor.name': 'pay',
        'tocsin.monitor.kind': 'http',
        'tocsin.probe.outcome': 'up',
        'tocsin.probe.tls.earliest_not_after': new Date(endMs + 9 * DAY_MS + 3_600_000).toISOString(),
        'tocsin.probe.tls.verified_not_after': new Date(endMs + 60 * DAY_MS + 3_600_000).toISOString(),
        'tls.protocol.version': '1.3',
      },
    }),
    spanRow({
      service: 'shop',
      name: 'GET /health',
      kind: 'Server',
      traceId,
      spanId: hexId(0xfeed02, 16),
      parentSpanId: row.id,
      atMs: row.at + 4,
      durationMs: 15,
      status: 'Error',
      exception: 'no database',
    }),
  ];
  await client.insert({ table: 'otel_traces', values, format: 'JSONEachRow' });
}

/** An incident as alerting's API shows it. */
export function shownIncident(
  id: string,
  groupLabels: Readonly<Record<string, string>>,
  openedMs: number,
  resolvedMs?: number,
): unknown {
  return {
    id,
    status: resolvedMs === undefined ? 'active' : 'resolved',
    severity: 'page',
    receiver: 'team',
    groupLabels,
    alertCount: 1,
    openedAt: new Date(openedMs).toISOString(),
    firstAcknowledgedAt: null,
    acknowledgedBy: null,
    resolvedAt: resolvedMs === undefined ? null : new Date(resolvedMs).toISOString(),
  };
}
