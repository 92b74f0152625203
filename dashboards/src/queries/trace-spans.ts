import type { Statement } from './statement-types.ts';

/** One span of a trace. Times in Unix ms with fractions, durations in ms. */
export interface TraceSpanRow {
  readonly span_id: string;
  readonly parent_span_id: string;
  readonly service: string;
  readonly name: string;
  readonly kind: string;
  readonly start_ms: number;
  readonly duration_ms: number;
  readonly status: string;
  readonly status_message: string;
  /** Values longer than 500 characters are cut. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Name and attributes of each event, cut alike. */
  readonly events: readonly (readonly [name: string, atMs: number, attributes: Readonly<Record<string, string>>])[];
  /** How many spans the whole trace has; the rows may be fewer. */
  readonly total: number;
}

/** The most spans one page shows. */
export const TRACE_SPANS_LIMIT = 1_000;

const cut = (map: string): string =>
  `mapApply((k, v) -> (k, leftUTF8(v, 500)), CAST(arraySlice(CAST(${map}, 'Array(Tuple(String, String))'), 1, 64), 'Map(String, String)'))`;

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
      ServiceName AS service,
      leftUTF8(SpanName, 300) AS name,
      SpanKind AS kind,
      toUnixTimestamp64Nano(Timestamp) / 1e6 AS start_ms,
      Duration / 1e6 AS duration_ms,
      StatusCode AS status,
      leftUTF8(StatusMessage, 1000) AS status_message,
      ${cut('SpanAttributes')} AS attributes,
      arrayMap(
        (event, at, attrs) -> (leftUTF8(event, 300), toUnixTimestamp64Nano(at) / 1e6, ${cut('attrs')}),
        arraySlice(\`Events.Name\`, 1, 32),
        arraySlice(\`Events.Timestamp\`, 1, 32),
        arraySlice(\`Events.Attributes\`, 1, 32)
      ) AS events,
      toFloat64(count() OVER ()) AS total
    FROM otel_traces
    WHERE TraceId = {trace_id:String}
      AND Timestamp >= if(bounds.1, bounds.2, toDateTime(0, 'UTC'))
      AND Timestamp <= if(bounds.1, bounds.3 + INTERVAL 1 SECOND, toDateTime('2106-01-01 00:00:00', 'UTC'))
    ORDER BY Timestamp
    LIMIT ${TRACE_SPANS_LIMIT}`,
};
