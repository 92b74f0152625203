import type { Statement } from './statement-types.ts';

/** One span of a trace, without its attributes: `span-details.ts` has them. Times in Unix ms with fractions, durations in ms. */
export interface TraceSpanRow {
  readonly span_id: string;
  readonly parent_span_id: string;
  readonly service: string;
  readonly name: string;
  readonly kind: string;
  readonly start_ms: number;
  /** The same in Unix ns, as text: with the span's id it names one span, also where ids are there twice. */
  readonly start_ns: string;
  readonly duration_ms: number;
  readonly status: string;
  /** The status message of a failed span, or else the message of its first exception. */
  readonly failure: string;
  readonly events: number;
  /** When the first of them were, in ms after the span's begin. */
  readonly event_offsets_ms: readonly number[];
  readonly links: number;
  /** How many spans the whole trace has, and errors among them; the rows may be fewer. */
  readonly total: number;
  readonly total_errors: number;
  /** The end of the whole trace, Unix ms. */
  readonly total_end_ms: number;
}

/** The most spans one page shows. */
export const TRACE_SPANS_LIMIT = 10_000;
/** The most events of a span that are marked in its bar. */
const EVENT_TICKS = 16;

/**
 * The earliest spans of a trace. The companion table bounds the time, so only the trace's days are read; a trace without a
 * row there is looked for everywhere, by the index on the trace id.
 */
export const traceSpans: Statement<{ trace_id: string }, TraceSpanRow> = {
  name: 'trace_spans',
  sql: `
    WITH (
      SELECT (count() > 0, min(Start), max(End)) FROM otel_traces_trace_id_ts WHERE TraceId = {trace_id:String}
    ) AS bounds
    SELECT
      SpanId AS span_id,
      ParentSpanId AS parent_span_id,
      leftUTF8(ServiceName, 300) AS service,
      leftUTF8(SpanName, 300) AS name,
      SpanKind AS kind,
      toUnixTimestamp64Nano(Timestamp) / 1e6 AS start_ms,
      toString(toUnixTimestamp64Nano(Timestamp)) AS start_ns,
      Duration / 1e6 AS duration_ms,
      StatusCode AS status,
      if(StatusCode != 'Error', '', leftUTF8(if(StatusMessage != '', StatusMessage,
        \`Events.Attributes\`[indexOf(\`Events.Name\`, 'exception')]['exception.message']), 300)) AS failure,
      toFloat64(length(\`Events.Name\`)) AS events,
      arrayMap(
        event -> (toUnixTimestamp64Nano(event) - toUnixTimestamp64Nano(Timestamp)) / 1e6,
        arraySlice(\`Events.Timestamp\`, 1, ${EVENT_TICKS})
      ) AS event_offsets_ms,
      toFloat64(length(\`Links.TraceId\`)) AS links,
      toFloat64(count() OVER ()) AS total,
      toFloat64(countIf(StatusCode = 'Error') OVER ()) AS total_errors,
      max(toUnixTimestamp64Nano(Timestamp) + Duration) OVER () / 1e6 AS total_end_ms
    FROM otel_traces
    WHERE TraceId = {trace_id:String}
      AND Timestamp >= if(bounds.1, bounds.2, toDateTime(0, 'UTC'))
      AND Timestamp <= if(bounds.1, bounds.3 + INTERVAL 1 SECOND, toDateTime('2106-01-01 00:00:00', 'UTC'))
    ORDER BY Timestamp
    LIMIT ${TRACE_SPANS_LIMIT}`,
};
