/*
 * SQL functions that the statements share, as named lambdas of the `WITH` clause: nothing is installed on the server, and the
 * text stays short enough for a URL. Inside a lambda tuples are reached by position.
 */

const ZERO_TRACE_ID = `unhex('${'00'.repeat(16)}')`;
const ZERO_SPAN_ID = `unhex('${'00'.repeat(8)}')`;

/**
 * The first seven bytes of a varint come without a call that handles text: those ClickHouse would put off until it knows which values are
 * integers, and then do the steps below once for every place in which their result is used.
 */
const FIRST_BYTES = 'bitAnd(bitShiftRight(reinterpretAsUInt64(v),8),0x7f7f7f7f7f7f7f)';
/** Of each byte of a varint seven bits count; three steps move them together. */
const PACK_VARINT = [
  FIRST_BYTES,
  'bitOr(bitAnd(x,0x007f007f007f007f),bitShiftRight(bitAnd(x,0x7f007f007f007f00),1))',
  'bitOr(bitAnd(x,0x00003fff00003fff),bitShiftRight(bitAnd(x,0x3fff00003fff0000),2))',
  'bitOr(bitAnd(x,0x000000000fffffff),bitShiftRight(bitAnd(x,0x0fffffff00000000),4))',
] as const;
/** The eighth to the tenth byte of a varint, where there are any: bits 49 to 63. */
const HIGH_BITS = `bitOr(bitOr(${shiftedByte(9, 49)},${shiftedByte(10, 56)}),bitShiftLeft(toUInt64(reinterpretAsUInt8(substring(v,11,1))),63))`;

function shiftedByte(position: number, bits: number): string {
  return `bitShiftLeft(toUInt64(bitAnd(reinterpretAsUInt8(substring(v,${position},1)),127)),${bits})`;
}

/**
 * The attributes come as a map from key to the bytes of the `AnyValue`, each its one value in the shortest form (`isPlainValue` in
 * collector/src/otlp): so the first byte says the kind, and the number of bytes where a text begins.
 * - `moment(n)`: nanoseconds since the epoch as DateTime64(9); beyond the year 2262 it stays there.
 * - `trace_hex(x)`, `span_hex(x)`: an id as lower-case hexadecimal; empty when it is absent or zero.
 * - `double_text(d)`: a double as Go's `strconv` and so the OpenTelemetry exporters write it: shortest digits, an exponent
 *   with its sign from 1e21 on. ClickHouse differs only in that sign and in the names of what is not finite.
 * - `int_text(v)`: the integer of a value's bytes: a varint of one to ten bytes after the first byte.
 * - `value_text(v)`: the text of a value given as its bytes.
 * - `attribute_map(a)`: attributes as a map of text.
 */
export const FUNCTIONS: readonly string[] = [
  'n->fromUnixTimestamp64Nano(toInt64(least(n,9223372036854775807))) AS moment',
  `x->if(x=${ZERO_TRACE_ID},'',lower(hex(x))) AS trace_hex`,
  `x->if(x=${ZERO_SPAN_ID},'',lower(hex(x))) AS span_hex`,
  "d->multiIf(isNaN(d),'NaN',isInfinite(d),if(d>0,'+Inf','-Inf'),abs(d)>=1e21,replaceOne(toString(d),'e','e+'),toString(d)) AS double_text",
  `v->${PACK_VARINT[0]} AS varint_bits`,
  `x->${PACK_VARINT[1]} AS pack_once`,
  `x->${PACK_VARINT[2]} AS pack_twice`,
  `x->${PACK_VARINT[3]} AS pack_all`,
  `v->toString(reinterpretAsInt64(bitOr(pack_all(pack_twice(pack_once(varint_bits(v)))),if(length(v)<9,0,${HIGH_BITS})))) AS int_text`,
  "v->multiIf(startsWith(v,'\\n'),substring(v,multiIf(length(v)<130,3,length(v)<16387,4,length(v)<2097156,5,6)),startsWith(v,'\\x18'),int_text(v),startsWith(v,'\\x10'),if(endsWith(v,'\\0'),'false','true'),startsWith(v,'!'),double_text(reinterpretAsFloat64(substring(v,2))),'') AS value_text",
  "m->CAST((mapKeys(m),arrayMap(v->value_text(v),mapValues(m))),'Map(LowCardinality(String),String)') AS attribute_map",
];
