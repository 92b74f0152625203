import { durationOfBucket } from './duration-sketch.ts';
import { SERVICES_LIMIT } from './services-seen.ts';
import type { Statement } from './statement-types.ts';

/** A service over a time. Durations in ms, within 4.4 %. */
export interface ServiceTotalsRow {
  readonly service: string;
  readonly spans: number;
  /** Spans of kind Server or Consumer, and errors among them. */
  readonly requests: number;
  readonly errors: number;
  /** `null` where there was no request. */
  readonly p50_ms: number | null;
  readonly p99_ms: number | null;
  readonly operations: number;
}

/** Every service that sent spans from the minute of `from` to `to`, Tocsin's own left out. */
export const serviceTotals: Statement<{ from_ms: number; to_ms: number }, ServiceTotalsRow> = {
  name: 'service_totals',
  sql: `
    WITH SpanKind IN ('Server', 'Consumer') AS counted,
      quantilesExactWeightedIf(0.5, 0.99)(DurationBucket, Requests, counted) AS buckets
    SELECT
      ServiceName AS service,
      toFloat64(sum(Requests)) AS spans,
      toFloat64(sumIf(Requests, counted)) AS requests,
      toFloat64(sumIf(Errors, counted)) AS errors,
      if(requests = 0, NULL, ${durationOfBucket('buckets[1]')} / 1e6) AS p50_ms,
      if(requests = 0, NULL, ${durationOfBucket('buckets[2]')} / 1e6) AS p99_ms,
      toFloat64(uniqExactIf(SpanName, counted)) AS operations
    FROM otel_traces_service_1m
    WHERE Time >= toStartOfMinute(fromUnixTimestamp64Milli({from_ms:Int64}))
      AND Time < fromUnixTimestamp64Milli({to_ms:Int64})
      AND NOT startsWith(ServiceName, 'tocsin-')
    GROUP BY service
    ORDER BY service
    LIMIT ${SERVICES_LIMIT}`,
};
