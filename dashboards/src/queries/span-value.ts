import type { Statement } from './statement-types.ts';

/** A value of a span as it came. */
export interface SpanValueRow {
  readonly value: string;
  /** Characters of the whole; `value` may hold fewer. */
  readonly length: number;
}

/** A browser shows so many characters of one value. */
export const WHOLE_VALUE_CHARACTERS = 4_000_000;

/**
 * One value whole: of the span's or resource's attribute `item`, of event or link `part` its attribute `item` (all from 1), or the status message.
 */
export const spanValue: Statement<
  { trace_id: string; span_id: string; at_ns: string; place: string; part: number; item: number },
  SpanValueRow
> = {
  name: 'span_value',
  sql: `
    WITH multiIf(
      {place:String} = 'span', mapValues(SpanAttributes)[{item:UInt32}],
      {place:String} = 'resource', mapValues(ResourceAttributes)[{item:UInt32}],
      {place:String} = 'event', mapValues(\`Events.Attributes\`[{part:UInt32}])[{item:UInt32}],
      {place:String} = 'link', mapValues(\`Links.Attributes\`[{part:UInt32}])[{item:UInt32}],
      StatusMessage) AS whole
    SELECT leftUTF8(whole, ${WHOLE_VALUE_CHARACTERS}) AS value, toFloat64(lengthUTF8(whole)) AS length
    FROM otel_traces
    WHERE TraceId = {trace_id:String}
      AND Timestamp = fromUnixTimestamp64Nano({at_ns:Int64})
      AND SpanId = {span_id:String}
    LIMIT 1`,
};
