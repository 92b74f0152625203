import type { Statement } from './statement-types.ts';

/** A trace in a line. Unix ms, ms. */
export interface TraceSummariesRow {
  readonly trace_id: string;
  /** Of the span without a parent, or where there is none the earliest. */
  readonly service: string;
  readonly name: string;
  readonly start_ms: number;
  readonly duration_ms: number;
  readonly spans: number;
  readonly errors: number;
  readonly services: number;
}

/**
 * What these traces are as a whole. Spans of theirs were seen in `[from, to]`; the companion table says how far they reach beyond it, an hour at most.
 */
export const traceSummaries: Statement<
  { trace_ids: readonly string[]; from_ms: number; to_ms: number },
  TraceSummariesRow
> = {
  name: 'trace_summaries',
  sql: `
    WITH (
      SELECT (min(Start), max(End)) FROM otel_traces_trace_id_ts WHERE TraceId IN {trace_ids:Array(String)}
    ) AS bounds,
      toDateTime(intDiv({from_ms:Int64}, 1000)) AS seen_from,
      toDateTime(intDiv({to_ms:Int64}, 1000) + 1) AS seen_to
    SELECT
      TraceId AS trace_id,
      leftUTF8(argMin(ServiceName, (ParentSpanId != '', Timestamp)), 300) AS service,
      leftUTF8(argMin(SpanName, (ParentSpanId != '', Timestamp)), 300) AS name,
      toUnixTimestamp64Nano(min(Timestamp)) / 1e6 AS start_ms,
      (max(toUnixTimestamp64Nano(Timestamp) + Duration) - toUnixTimestamp64Nano(min(Timestamp))) / 1e6 AS duration_ms,
      toFloat64(count()) AS spans,
      toFloat64(countIf(StatusCode = 'Error')) AS errors,
      toFloat64(uniqExact(ServiceName)) AS services
    FROM otel_traces
    WHERE TraceId IN {trace_ids:Array(String)}
      AND Timestamp >= greatest(least(bounds.1, seen_from), seen_from - 3600)
      AND Timestamp <= least(greatest(bounds.2 + 1, seen_to), seen_to + 3600)
    GROUP BY TraceId
    LIMIT 1000`,
};
