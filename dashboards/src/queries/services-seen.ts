import { durationOfBucket } from './duration-sketch.ts';
import type { Statement } from './statement-types.ts';

/** What a service sent. Times in Unix ms, durations in ms. */
export interface ServicesSeenRow {
  readonly service: string;
  readonly last_seen_ms: number;
  /** Spans of kind Server or Consumer since the minute of `rate_since`. */
  readonly requests: number;
  /** Those with status Error. */
  readonly errors: number;
  /** Within 4.4 %; `null` where there was no request. */
  readonly p99_ms: number | null;
  readonly spans: number;
  readonly logs: number;
  readonly points: number;
}

/** The most services one answer lists. */
export const SERVICES_LIMIT = 500;

const inMinutes = `Time >= toStartOfMinute(fromUnixTimestamp64Milli({since_ms:Int64}))
        AND Time <= fromUnixTimestamp64Milli({now_ms:Int64})`;

/** Points have no rollup: an hour's are two narrow columns, found along the primary key. */
const metricTable = (table: string): string => `
      UNION ALL
      SELECT ServiceName AS service, max(TimeUnix) AS last_seen, 0, 0, NULL, 0, 0, count()
      FROM ${table}
      WHERE TimeUnix > fromUnixTimestamp64Milli({since_ms:Int64})
        AND TimeUnix <= fromUnixTimestamp64Milli({now_ms:Int64})
      GROUP BY service`;

/**
 * Every service that sent anything from `since` to `now`, Tocsin's own left out; rates from `rate_since` to `now`. Spans and log records
 * are counted by the minute: both windows reach back to the beginning of their first minute.
 */
export const servicesSeen: Statement<{ since_ms: number; rate_since_ms: number; now_ms: number }, ServicesSeenRow> = {
  name: 'services_seen',
  sql: `
    SELECT
      service,
      toFloat64(toUnixTimestamp64Milli(max(last_seen))) AS last_seen_ms,
      toFloat64(sum(request_count)) AS requests,
      toFloat64(sum(error_count)) AS errors,
      max(p99) AS p99_ms,
      toFloat64(sum(span_count)) AS spans,
      toFloat64(sum(log_count)) AS logs,
      toFloat64(sum(point_count)) AS points
    FROM (
      WITH SpanKind IN ('Server', 'Consumer')
        AND Time >= toStartOfMinute(fromUnixTimestamp64Milli({rate_since_ms:Int64})) AS counted,
        quantileExactWeightedIf(0.99)(DurationBucket, Requests, counted) AS bucket
      SELECT
        ServiceName AS service,
        least(toDateTime64(max(Time), 9), fromUnixTimestamp64Milli({now_ms:Int64})) AS last_seen,
        sumIf(Requests, counted) AS request_count,
        sumIf(Errors, counted) AS error_count,
        if(request_count = 0, NULL, ${durationOfBucket('bucket')} / 1e6) AS p99,
        sum(Requests) AS span_count,
        0 AS log_count,
        0 AS point_count
      FROM otel_traces_service_1m
      WHERE ${inMinutes}
      GROUP BY service
      UNION ALL
      SELECT ServiceName AS service, toDateTime64(max(Time), 9) AS last_seen, 0, 0, NULL, 0, sum(Records), 0
      FROM otel_logs_1m
      WHERE ${inMinutes}
      GROUP BY service
      UNION ALL
      SELECT ServiceName AS service, max(least(toDateTime64(LastSeen, 9), fromUnixTimestamp64Milli({now_ms:Int64}))) AS last_seen, 0, 0, NULL, 0, 0, 0
      FROM otel_services
      WHERE LastSeen > fromUnixTimestamp64Milli({since_ms:Int64})
      GROUP BY service
      ${['otel_metrics_gauge', 'otel_metrics_sum', 'otel_metrics_histogram'].map(metricTable).join('')}
    )
    WHERE NOT startsWith(service, 'tocsin-')
    GROUP BY service
    ORDER BY errors > 0 DESC, service
    LIMIT ${SERVICES_LIMIT}`,
};
