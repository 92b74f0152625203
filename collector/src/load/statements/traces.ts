import { ATTRIBUTES_TYPE, COMMON_PROTO } from './proto.ts';
import { type Columns, insertStatement, type LoadStatement } from './statement.ts';

/** Of opentelemetry-proto, trace/v1/trace.proto: what is stored. */
const PROTO = `${COMMON_PROTO}
message Event{fixed64 time_unix_nano=1;string name=2;map<string,string> attributes=3;}
message Link{bytes trace_id=1;bytes span_id=2;string trace_state=3;map<string,string> attributes=4;}
message Status{string message=2;uint64 code=3;}
message Span{bytes trace_id=1;bytes span_id=2;string trace_state=3;bytes parent_span_id=4;string name=5;uint64 kind=6;fixed64 start_time_unix_nano=7;fixed64 end_time_unix_nano=8;map<string,string> attributes=9;repeated Event events=11;repeated Link links=13;Status status=15;}
message ScopeSpans{InstrumentationScope scope=1;repeated Span spans=2;}
message ResourceSpans{Resource resource=1;repeated ScopeSpans scope_spans=2;}
message Request{repeated ResourceSpans resource_spans=1;}`;

const EVENT = `Tuple(time_unix_nano UInt64,name LowCardinality(String),attributes ${ATTRIBUTES_TYPE})`;
const LINK = `Tuple(trace_id String,span_id String,trace_state String,attributes ${ATTRIBUTES_TYPE})`;
const SPAN =
  'Tuple(trace_id String,span_id String,trace_state String,parent_span_id String,name LowCardinality(String),kind UInt64,' +
  `start_time_unix_nano UInt64,end_time_unix_nano UInt64,attributes ${ATTRIBUTES_TYPE},` +
  `events Array(${EVENT}),links Array(${LINK}),status Tuple(message String,code UInt64))`;
const STRUCTURE =
  `resource_spans Array(Tuple(resource Tuple(attributes ${ATTRIBUTES_TYPE}),` +
  `scope_spans Array(Tuple(scope Tuple(name String,version String),spans Array(${SPAN})))))`;

const ROWS = `SELECT ra,service,scope,arrayJoin(ss.spans) AS sp FROM (
SELECT ra,service,ss.scope AS scope,ss FROM (
SELECT ra,ra['service.name'] AS service,arrayJoin(rs.scope_spans) AS ss FROM (
SELECT attribute_map(rs.resource.attributes) AS ra,rs FROM (
SELECT arrayJoin(resource_spans) AS rs FROM {input}))))`;

const KINDS = "['Unspecified','Internal','Server','Client','Producer','Consumer']";
const CODES = "['Unset','Ok','Error']";

const COLUMNS: Columns = [
  ['Timestamp', 'moment(sp.start_time_unix_nano)'],
  ['TraceId', 'trace_hex(sp.trace_id)'],
  ['SpanId', 'span_hex(sp.span_id)'],
  ['ParentSpanId', 'span_hex(sp.parent_span_id)'],
  ['TraceState', 'sp.trace_state'],
  ['SpanName', 'sp.name'],
  ['SpanKind', `${KINDS}[least(sp.kind,6)+1]`],
  ['ServiceName', 'service'],
  ['ResourceAttributes', 'ra'],
  ['ScopeName', 'scope.name'],
  ['ScopeVersion', 'scope.version'],
  ['SpanAttributes', 'attribute_map(sp.attributes)'],
  // An end before the start would wrap to 584 years.
  ['Duration', 'if(sp.end_time_unix_nano>sp.start_time_unix_nano,sp.end_time_unix_nano-sp.start_time_unix_nano,0)'],
  ['StatusCode', `${CODES}[least(sp.status.code,3)+1]`],
  ['StatusMessage', 'sp.status.message'],
  ['Events.Timestamp', 'arrayMap(x->moment(x),sp.events.1)'],
  ['Events.Name', 'sp.events.2'],
  ['Events.Attributes', 'arrayMap(x->attribute_map(x),sp.events.3)'],
  ['Links.TraceId', 'arrayMap(x->trace_hex(x),sp.links.1)'],
  ['Links.SpanId', 'arrayMap(x->span_hex(x),sp.links.2)'],
  ['Links.TraceState', 'sp.links.3'],
  ['Links.Attributes', 'arrayMap(x->attribute_map(x),sp.links.4)'],
];

/** Spans into `otel_traces`. */
export const tracesStatement: LoadStatement = {
  table: 'otel_traces',
  proto: PROTO,
  message: 'Request',
  sql: insertStatement('otel_traces', COLUMNS, STRUCTURE, ROWS),
};
