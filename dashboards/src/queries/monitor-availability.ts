import type { Statement } from './run-query.ts';

/** How often a monitor's runs found it working (up or degraded) and down. */
export interface MonitorAvailabilityRow {
  readonly monitor: string;
  readonly passed: number;
  readonly failed: number;
}

/** Passed and failed runs in `(since, now]`. Runs with an unknown outcome say nothing about the target. */
export const monitorAvailability: Statement<{ since_ms: number; now_ms: number }, MonitorAvailabilityRow> = {
  name: 'monitor_availability',
  sql: `
    SELECT
      Attributes['tocsin.monitor.name'] AS monitor,
      sumIf(Value, Attributes['tocsin.probe.outcome'] IN ('up', 'degraded')) AS passed,
      sumIf(Value, Attributes['tocsin.probe.outcome'] = 'down') AS failed
    FROM otel_metrics_sum
    WHERE ServiceName = 'tocsin-checker'
      AND MetricName = 'tocsin.probe.runs'
      AND Attributes['tocsin.probe.excluded'] != 'true'
      AND TimeUnix > fromUnixTimestamp64Milli({since_ms:Int64})
      AND TimeUnix <= fromUnixTimestamp64Milli({now_ms:Int64})
    GROUP BY monitor
    LIMIT 10000`,
};
