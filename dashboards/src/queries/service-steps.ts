import { durationOfBucket } from './duration-sketch.ts';
import type { Statement } from './statement-types.ts';

/** A step of a service. Unix ms, ms. */
export interface ServiceStepsRow {
  readonly at_ms: number;
  readonly requests: number;
  readonly errors: number;
  readonly p50_ms: number;
  readonly p95_ms: number;
  readonly p99_ms: number;
}

/** Requests (spans of kind Server or Consumer) of one service over time; only steps with a request are there. */
export const serviceSteps: Statement<
  { service: string; from_ms: number; to_ms: number; step_s: number },
  ServiceStepsRow
> = {
  name: 'service_steps',
  sql: `
    WITH quantilesExactWeighted(0.5, 0.95, 0.99)(DurationBucket, Requests) AS buckets
    SELECT
      toFloat64(toUnixTimestamp(toStartOfInterval(Time, toIntervalSecond({step_s:UInt32})))) * 1000 AS at_ms,
      toFloat64(sum(Requests)) AS requests,
      toFloat64(sum(Errors)) AS errors,
      ${durationOfBucket('buckets[1]')} / 1e6 AS p50_ms,
      ${durationOfBucket('buckets[2]')} / 1e6 AS p95_ms,
      ${durationOfBucket('buckets[3]')} / 1e6 AS p99_ms
    FROM otel_traces_service_1m
    WHERE ServiceName = {service:String}
      AND SpanKind IN ('Server', 'Consumer')
      AND Time >= fromUnixTimestamp64Milli({from_ms:Int64})
      AND Time < fromUnixTimestamp64Milli({to_ms:Int64})
    GROUP BY at_ms
    ORDER BY at_ms`,
};
