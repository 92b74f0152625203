import type { Statement } from './statement-types.ts';

/** Spans of a step of time that took about as long. */
export interface SpanHeatRow {
  /** The step's begin, Unix ms. */
  readonly at_ms: number;
  /** Durations from 2^(half/2) ns up to 2^((half+1)/2); -1 those of zero. */
  readonly half: number;
  readonly spans: number;
  readonly errors: number;
}

/** How many spans took how long when, by the rollup: steps of whole minutes. An empty list of services: all but Tocsin's own. */
export const spanHeat: Statement<
  {
    from_ms: number;
    to_ms: number;
    step_s: number;
    services: readonly string[];
    operations: readonly string[];
  },
  SpanHeatRow
> = {
  name: 'span_heat',
  sql: `
    SELECT
      toFloat64(toUnixTimestamp(toStartOfInterval(Time, toIntervalSecond({step_s:UInt32})))) * 1000 AS at_ms,
      toFloat64(if(DurationBucket < 0, -1, intDiv(DurationBucket, 4))) AS half,
      toFloat64(sum(Requests)) AS spans,
      toFloat64(sum(Errors)) AS errors
    FROM otel_traces_service_1m
    WHERE Time >= toStartOfMinute(fromUnixTimestamp64Milli({from_ms:Int64}))
      AND Time < fromUnixTimestamp64Milli({to_ms:Int64})
      AND (notEmpty({services:Array(String)}) OR NOT startsWith(ServiceName, 'tocsin-'))
      AND (empty({services:Array(String)}) OR ServiceName IN {services:Array(String)})
      AND (empty({operations:Array(String)}) OR SpanName IN {operations:Array(String)})
    GROUP BY at_ms, half
    ORDER BY at_ms, half`,
};
