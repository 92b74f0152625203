import type { Statement } from './statement-types.ts';

/** How long a phase of a monitor's newest run at a location took. */
export interface MonitorPhaseRow {
  readonly monitor: string;
  readonly location: string;
  /** As the checker names them: `resolve`, `connect`, `tls`, `request`, `transfer` and others. */
  readonly phase: string;
  readonly duration_ms: number;
  /** When that run ended; phases of older runs are not the newest run's. */
  readonly at_ms: number;
}

/** The newest point of every phase of every monitor at every location in `(since, now]`. */
export const monitorPhases: Statement<{ since_ms: number; now_ms: number }, MonitorPhaseRow> = {
  name: 'monitor_phases',
  sql: `
    SELECT
      Attributes['tocsin.monitor.name'] AS monitor,
      ResourceAttributes['tocsin.location'] AS location,
      Attributes['tocsin.probe.phase'] AS phase,
      argMax(Value, TimeUnix) * 1000 AS duration_ms,
      toFloat64(toUnixTimestamp64Milli(max(TimeUnix))) AS at_ms
    FROM otel_metrics_gauge
    WHERE ServiceName = 'tocsin-checker'
      AND MetricName = 'tocsin.probe.duration'
      AND Attributes['tocsin.probe.phase'] != 'total'
      AND TimeUnix > fromUnixTimestamp64Milli({since_ms:Int64})
      AND TimeUnix <= fromUnixTimestamp64Milli({now_ms:Int64})
    GROUP BY monitor, location, phase
    LIMIT 200000`,
};
