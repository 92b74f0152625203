/** Why a request is not valid OTLP: the word is also the metric attribute. */
export type MalformedReason =
  | 'truncated'
  | 'bad_tag'
  | 'bad_wire_type'
  | 'bad_varint'
  | 'bad_packed'
  | 'bad_group'
  | 'bad_utf8'
  | 'too_deep'
  | 'reserved_field'
  | 'too_repetitive'
  | 'too_many_parts'
  | 'bad_json'
  | 'bad_value';

/** A request that is not valid OTLP. */
export interface Malformed {
  readonly status: 'malformed';
  readonly reason: MalformedReason;
  /** Where: a path of field names, as `resource_spans.scope_spans.spans.trace_id`; empty for the request itself. */
  readonly field: string;
  /** A sentence for the sender, with the place. */
  readonly message: string;
}
