import { durationOfBucket } from './duration-sketch.ts';
import type { Statement } from './statement-types.ts';

/** An operation of a service. Durations in ms, within 4.4 %. */
export interface ServiceOperationsRow {
  readonly operation: string;
  readonly kind: string;
  readonly requests: number;
  readonly errors: number;
  readonly p50_ms: number;
  readonly p95_ms: number;
  readonly p99_ms: number;
}

/** The most operations of one answer. */
export const OPERATIONS_LIMIT = 200;

/** Rate, errors and durations of each operation, from the minute of `from` to `to`; the busiest of each kind first. */
export const serviceOperations: Statement<{ service: string; from_ms: number; to_ms: number }, ServiceOperationsRow> = {
  name: 'service_operations',
  sql: `
    WITH quantilesExactWeighted(0.5, 0.95, 0.99)(DurationBucket, Requests) AS buckets
    SELECT
      leftUTF8(SpanName, 300) AS operation,
      SpanKind AS kind,
      toFloat64(sum(Requests)) AS requests,
      toFloat64(sum(Errors)) AS errors,
      ${durationOfBucket('buckets[1]')} / 1e6 AS p50_ms,
      ${durationOfBucket('buckets[2]')} / 1e6 AS p95_ms,
      ${durationOfBucket('buckets[3]')} / 1e6 AS p99_ms
    FROM otel_traces_service_1m
    WHERE ServiceName = {service:String}
      AND Time >= toStartOfMinute(fromUnixTimestamp64Milli({from_ms:Int64}))
      AND Time < fromUnixTimestamp64Milli({to_ms:Int64})
    GROUP BY operation, kind
    ORDER BY kind IN ('Server', 'Consumer') DESC, requests DESC
    LIMIT ${OPERATIONS_LIMIT}`,
};
