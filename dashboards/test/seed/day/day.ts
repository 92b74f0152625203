import type { ClickHouseClient } from '@clickhouse/client';
import { readEmittedMetrics } from './emitted-metrics.ts';
import { deliveryRows, incidentRows } from './incidents.ts';
import { ownMetrics } from './own-telemetry.ts';
import { pointStatements, type SeededMetric } from './points.ts';
import { RUNTIME_METRICS } from './runtime-metrics-table.ts';
import { DAY_SERVICES, LANGUAGES, resourceOf, trafficStatements } from './traffic.ts';

const HOUR_MS = 3_600_000;

/**
 * Fills the tables with the day that ends at `endMs` (Unix ms): services in four languages with two deployments and errors after one, their runtimes,
 * log records, incidents, what Tocsin says of itself, and probes up to the last hour, which `seedHour` has in detail.
 */
export async function seedDay(client: ClickHouseClient, endMs: number): Promise<void> {
  const points = [...runtimeMetrics(), ...ownMetrics(await readEmittedMetrics())];
  for (const query of [...trafficStatements(endMs), ...pointStatements(points, endMs), ...probeStatements(endMs)])
    await client.command({ query });
  await client.insert({ table: 'otel_logs', values: incidentRows(endMs), format: 'JSONEachRow' });
  await client.insert({ table: 'otel_traces', values: deliveryRows(endMs), format: 'JSONEachRow' });
}

function runtimeMetrics(): SeededMetric[] {
  return DAY_SERVICES.flatMap((service) =>
    RUNTIME_METRICS[LANGUAGES[service]].flatMap(({ attributes, isCounter, ...metric }) =>
      attributes.map((one) => ({
        ...metric,
        service,
        resource: resourceOf(service, '1'),
        isCounter: isCounter ?? false,
        attributes: one,
      })),
    ),
  );
}

/** Runs of three monitors every two minutes, of which `partner` was down for an hour. */
function probeStatements(endMs: number): string[] {
  const runs = `(SELECT number, fromUnixTimestamp64Milli(toInt64(${endMs - HOUR_MS} - intDiv(number, 3) * 120000 - 1000)) AS at, ['shop', 'pay', 'partner'][number % 3 + 1] AS monitor,
    if(monitor = 'partner' AND intDiv(number, 3) BETWEEN 60 AND 89, 'down', 'up') AS outcome FROM numbers(${23 * 30 * 3}))`;
  const resource = "map('service.name', 'tocsin-checker', 'tocsin.location', 'default')";
  const insert = (table: string, metric: string, attributes: string, value: string): string =>
    `INSERT INTO ${table} (ResourceAttributes, ServiceName, MetricName, Attributes, StartTimeUnix, TimeUnix, Value${table.endsWith('sum') ? ', AggregationTemporality, IsMonotonic' : ''})
      SELECT ${resource}, 'tocsin-checker', '${metric}', map('tocsin.monitor.name', monitor, 'tocsin.monitor.kind', 'http'${attributes}), addMilliseconds(at, -32), at, ${value}${table.endsWith('sum') ? ', 1, true' : ''} FROM ${runs}`;
  const gauge = 'otel_metrics_gauge';
  return [
    insert(
      'otel_metrics_sum',
      'tocsin.probe.runs',
      ", 'tocsin.probe.outcome', outcome, 'tocsin.probe.reason', if(outcome = 'up', 'ok', 'timeout')",
      '1',
    ),
    insert(gauge, 'tocsin.probe.up', '', "if(outcome = 'up', 1, 0)"),
    insert(gauge, 'tocsin.monitor.up', ", 'tocsin.monitor.state', outcome", "if(outcome = 'up', 1, 0)"),
    insert(gauge, 'tocsin.probe.duration', ", 'tocsin.probe.phase', 'total'", '0.032'),
    insert(
      gauge,
      'tocsin.probe.duration',
      ", 'tocsin.probe.phase', arrayJoin(['resolve', 'connect', 'request', 'transfer'])",
      '0.008',
    ),
    insert(gauge, 'tocsin.probe.lateness', '', '0.002'),
  ];
}
