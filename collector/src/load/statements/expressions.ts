/*
 * SQL functions that the statements share, as named lambdas of the `WITH` clause: nothing is installed on the server, and the
 * text stays short enough for a URL. Inside a lambda tuples are reached by position.
 */

const ZERO_TRACE_ID = `unhex('${'00'.repeat(16)}')`;
const ZERO_SPAN_ID = `unhex('${'00'.repeat(8)}')`;

/**
 * - `moment(n)`: nanoseconds since the epoch as DateTime64(9); beyond the year 2262 it stays there.
 * - `trace_hex(x)`, `span_hex(x)`: an id as lower-case hexadecimal; empty when it is absent or zero.
 * - `double_text(d)`: a double as Go's `strconv` and so the OpenTelemetry exporters write it: shortest digits, an exponent
 *   with its sign from 1e21 on. ClickHouse differs only in that sign and in the names of what is not finite.
 * - `value_text(k,s,b,i,d)`: the text of an `AnyValue` given as its five parts.
 * - `attribute_map(a)`: a list of attributes as a map of text. Of a key that is there twice the last value wins: OTLP
 *   demands unique keys, so only lists that break that rule take the way that finds the last ones.
 */
export const FUNCTIONS: readonly string[] = [
  'n->fromUnixTimestamp64Nano(toInt64(least(n,9223372036854775807))) AS moment',
  `x->if(x=${ZERO_TRACE_ID},'',lower(hex(x))) AS trace_hex`,
  `x->if(x=${ZERO_SPAN_ID},'',lower(hex(x))) AS span_hex`,
  "d->multiIf(isNaN(d),'NaN',isInfinite(d),if(d>0,'+Inf','-Inf'),abs(d)>=1e21,replaceOne(toString(d),'e','e+'),toString(d)) AS double_text",
  "(k,s,b,i,d)->multiIf(k='string_value',s,k='int_value',toString(i),k='bool_value',if(b=0,'false','true'),k='double_value',double_text(d),'') AS value_text",
  "(k,v)->CAST((k,arrayMap((p,s,b,i,d)->value_text(p,s,b,i,d),v.1,v.2,v.3,v.4,v.5)),'Map(LowCardinality(String),String)') AS text_map",
  'a->arrayFilter((x,n)->n=1,a,arrayReverse(arrayEnumerateUniq(arrayReverse(a.1)))) AS last_only',
  'a->if(length(arrayDistinct(a.1))=length(a.1),text_map(a.1,a.2),text_map(last_only(a).1,last_only(a).2)) AS attribute_map',
];
