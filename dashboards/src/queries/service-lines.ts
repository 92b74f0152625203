import { durationOfBucket } from './duration-sketch.ts';
import { SERVICES_LIMIT } from './services-seen.ts';
import type { Statement } from './statement-types.ts';

/** A service over time. Only steps with a request are there. */
export interface ServiceLinesRow {
  readonly service: string;
  /** The oldest first: the step's begin in Unix ms, requests, errors among them, p99 in ms within 4.4 %. */
  readonly steps: readonly (readonly [atMs: number, requests: number, errors: number, p99Ms: number])[];
}

/** The lines bound by the caller to whole steps of whole minutes: the rollup's rows are minutes. */
export const serviceLines: Statement<{ from_ms: number; to_ms: number; step_s: number }, ServiceLinesRow> = {
  name: 'service_lines',
  sql: `
    SELECT service, arraySort(groupArray((toFloat64(toUnixTimestamp(step)) * 1000, requests, errors, p99_ms))) AS steps
    FROM (
      WITH quantileExactWeighted(0.99)(DurationBucket, Requests) AS bucket
      SELECT
        ServiceName AS service,
        toStartOfInterval(Time, toIntervalSecond({step_s:UInt32})) AS step,
        toFloat64(sum(Requests)) AS requests,
        toFloat64(sum(Errors)) AS errors,
        ${durationOfBucket('bucket')} / 1e6 AS p99_ms
      FROM otel_traces_service_1m
      WHERE Time >= fromUnixTimestamp64Milli({from_ms:Int64})
        AND Time < fromUnixTimestamp64Milli({to_ms:Int64})
        AND SpanKind IN ('Server', 'Consumer')
        AND NOT startsWith(ServiceName, 'tocsin-')
      GROUP BY service, step
    )
    GROUP BY service
    ORDER BY service
    LIMIT ${SERVICES_LIMIT}`,
};
