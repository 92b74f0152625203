import type { Statement } from './statement-types.ts';

/** An attribute: its key and value, both cut, and how many characters the whole value has. */
export type CutAttribute = readonly [key: string, value: string, length: number];

/** What one span says beside its place in the trace. */
export interface SpanDetailsRow {
  readonly attributes: readonly CutAttribute[];
  readonly resource: readonly CutAttribute[];
  readonly events: readonly (readonly [name: string, atMs: number, attributes: readonly CutAttribute[]])[];
  readonly links: readonly (readonly [traceId: string, spanId: string, attributes: readonly CutAttribute[]])[];
  readonly scope: string;
  readonly trace_state: string;
  readonly status_message: string;
  /** Characters of the whole message. */
  readonly status_message_length: number;
  /** How many there are in all; each list may hold fewer. */
  readonly attribute_count: number;
  readonly resource_count: number;
  readonly event_count: number;
  readonly link_count: number;
}

/** Longer values are cut to so many characters; `span-value.ts` gives them whole. */
export const VALUE_CHARACTERS = 1_000;
/** The most attributes of a span or resource, and of an event or a link. */
const ATTRIBUTES = 256;
const ATTRIBUTES_OF_PART = 32;
/** The most events and links. */
const PARTS = 128;

const cut = (map: string, limit: number): string =>
  `arrayMap((k, v) -> (leftUTF8(k, 300), leftUTF8(v, ${VALUE_CHARACTERS}), toFloat64(lengthUTF8(v))),
        arraySlice(mapKeys(${map}), 1, ${limit}), arraySlice(mapValues(${map}), 1, ${limit}))`;

/** One span by trace, id and begin: the time leads to its place along the primary key. Several of the same are one. */
export const spanDetails: Statement<{ trace_id: string; span_id: string; at_ns: string }, SpanDetailsRow> = {
  name: 'span_details',
  sql: `
    SELECT
      ${cut('SpanAttributes', ATTRIBUTES)} AS attributes,
      ${cut('ResourceAttributes', ATTRIBUTES)} AS resource,
      arrayMap(
        (event, at, attrs) -> (leftUTF8(event, 300), toUnixTimestamp64Nano(at) / 1e6, ${cut('attrs', ATTRIBUTES_OF_PART)}),
        arraySlice(\`Events.Name\`, 1, ${PARTS}),
        arraySlice(\`Events.Timestamp\`, 1, ${PARTS}),
        arraySlice(\`Events.Attributes\`, 1, ${PARTS})
      ) AS events,
      arrayMap(
        (trace, span, attrs) -> (leftUTF8(trace, 64), leftUTF8(span, 64), ${cut('attrs', ATTRIBUTES_OF_PART)}),
        arraySlice(\`Links.TraceId\`, 1, ${PARTS}),
        arraySlice(\`Links.SpanId\`, 1, ${PARTS}),
        arraySlice(\`Links.Attributes\`, 1, ${PARTS})
      ) AS links,
      leftUTF8(trim(concat(ScopeName, ' ', ScopeVersion)), 300) AS scope,
      leftUTF8(TraceState, ${VALUE_CHARACTERS}) AS trace_state,
      leftUTF8(StatusMessage, ${VALUE_CHARACTERS}) AS status_message,
      toFloat64(lengthUTF8(StatusMessage)) AS status_message_length,
      toFloat64(length(SpanAttributes)) AS attribute_count,
      toFloat64(length(ResourceAttributes)) AS resource_count,
      toFloat64(length(\`Events.Name\`)) AS event_count,
      toFloat64(length(\`Links.TraceId\`)) AS link_count
    FROM otel_traces
    WHERE TraceId = {trace_id:String}
      AND Timestamp = fromUnixTimestamp64Nano({at_ns:Int64})
      AND SpanId = {span_id:String}
    LIMIT 1`,
};
