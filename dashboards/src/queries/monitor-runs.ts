import type { Statement } from './statement-types.ts';

/** The newest probe run of a monitor at a location and the outcomes of the last ones. Times in Unix ms, durations in ms. */
export interface MonitorRunsRow {
  readonly monitor: string;
  readonly location: string;
  readonly last_at_ms: number;
  readonly outcome: string;
  readonly reason: string;
  readonly message: string;
  readonly status_code: string;
  readonly trace_id: string;
  readonly duration_ms: number;
  /** The last runs, newest first: minus the time, outcome, duration, trace id. */
  readonly recent: readonly (readonly [minusAtMs: number, outcome: string, durationMs: number, traceId: string])[];
}

/** How many of the last runs of each location come along. */
export const RECENT_RUNS = 40;

/** Every monitor's runs at every location in `(since, now]`, read from the root spans of the checker's traces. */
export const monitorRuns: Statement<{ since_ms: number; now_ms: number }, MonitorRunsRow> = {
  name: 'monitor_runs',
  sql: `
    SELECT
      SpanAttributes['tocsin.monitor.name'] AS monitor,
      ResourceAttributes['tocsin.location'] AS location,
      toFloat64(toUnixTimestamp64Milli(max(Timestamp))) AS last_at_ms,
      argMax(SpanAttributes['tocsin.probe.outcome'], Timestamp) AS outcome,
      argMax(SpanAttributes['tocsin.probe.reason'], Timestamp) AS reason,
      leftUTF8(argMax(SpanAttributes['tocsin.probe.message'], Timestamp), 500) AS message,
      argMax(SpanAttributes['http.response.status_code'], Timestamp) AS status_code,
      argMax(TraceId, Timestamp) AS trace_id,
      argMax(Duration, Timestamp) / 1e6 AS duration_ms,
      groupArraySorted(${RECENT_RUNS})((
        -toFloat64(toUnixTimestamp64Milli(Timestamp)),
        SpanAttributes['tocsin.probe.outcome'],
        Duration / 1e6,
        TraceId
      )) AS recent
    FROM otel_traces
    WHERE ServiceName = 'tocsin-checker'
      AND startsWith(SpanName, 'probe ')
      AND ParentSpanId = ''
      AND Timestamp > fromUnixTimestamp64Milli({since_ms:Int64})
      AND Timestamp <= fromUnixTimestamp64Milli({now_ms:Int64})
    GROUP BY monitor, location
    LIMIT 50000`,
};
