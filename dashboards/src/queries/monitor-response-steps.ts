import type { Statement } from './statement-types.ts';

/** The runs of a monitor at a location in a step. */
export interface MonitorResponseRow {
  /** The step's begin, Unix ms. `null` stands for all of the time. */
  readonly at_ms: number | null;
  /** `null` stands for all locations together. */
  readonly location: string | null;
  readonly passed: number;
  readonly failed: number;
  /** Of the runs that were not down, in ms; `null` where there is none. */
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  readonly p99_ms: number | null;
}

const percentile = (level: number): string =>
  `if(passed = 0, NULL, quantileExactIf(${level})(duration, outcome != 'down')) / 1e6`;

/** Response times by step, by location, and over all of `[from, to)`, from the runs themselves: for a short time. Unknown and excluded runs are left out. */
export const monitorResponseSteps: Statement<
  { monitor: string; from_ms: number; to_ms: number; step_s: number },
  MonitorResponseRow
> = {
  name: 'monitor_response_steps',
  sql: `
    SELECT
      if(grouping(step) = 1, NULL, toFloat64(step) * 1000) AS at_ms,
      if(grouping(place) = 1, NULL, place) AS location,
      toFloat64(countIf(outcome != 'down')) AS passed,
      toFloat64(countIf(outcome = 'down')) AS failed,
      ${percentile(0.5)} AS p50_ms,
      ${percentile(0.95)} AS p95_ms,
      ${percentile(0.99)} AS p99_ms
    FROM (
      SELECT
        intDiv(toUnixTimestamp(Timestamp), {step_s:UInt32}) * {step_s:UInt32} AS step,
        ResourceAttributes['tocsin.location'] AS place,
        SpanAttributes['tocsin.probe.outcome'] AS outcome,
        Duration AS duration
      FROM otel_traces
      WHERE ServiceName = 'tocsin-checker'
        AND SpanName = concat('probe ', {monitor:String})
        AND ParentSpanId = ''
        AND Timestamp >= fromUnixTimestamp64Milli({from_ms:Int64})
        AND Timestamp < fromUnixTimestamp64Milli({to_ms:Int64})
        AND outcome IN ('up', 'degraded', 'down')
        AND SpanAttributes['tocsin.probe.excluded'] != 'true'
    )
    GROUP BY GROUPING SETS ((step), (place))
    ORDER BY at_ms, location
    LIMIT 5000`,
};
