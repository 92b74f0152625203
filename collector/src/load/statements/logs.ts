import { ATTRIBUTES_TYPE, COMMON_PROTO } from './proto.ts';
import { type Columns, insertStatement, type LoadStatement } from './statement.ts';

/** Of opentelemetry-proto, logs/v1/logs.proto: what is stored. */
const PROTO = `${COMMON_PROTO}
message LogRecord{fixed64 time_unix_nano=1;uint64 severity_number=2;string severity_text=3;bytes body=5;map<string,string> attributes=6;fixed32 flags=8;bytes trace_id=9;bytes span_id=10;fixed64 observed_time_unix_nano=11;string event_name=12;}
message ScopeLogs{InstrumentationScope scope=1;repeated LogRecord log_records=2;string schema_url=3;}
message ResourceLogs{Resource resource=1;repeated ScopeLogs scope_logs=2;string schema_url=3;}
message Request{repeated ResourceLogs resource_logs=1;}`;

const RECORD =
  `Tuple(time_unix_nano UInt64,severity_number UInt64,severity_text LowCardinality(String),body String,` +
  `attributes ${ATTRIBUTES_TYPE},flags UInt32,trace_id String,span_id String,observed_time_unix_nano UInt64,event_name String)`;
const SCOPE = `Tuple(name String,version String,attributes ${ATTRIBUTES_TYPE})`;
const STRUCTURE =
  `resource_logs Array(Tuple(resource Tuple(attributes ${ATTRIBUTES_TYPE}),` +
  `scope_logs Array(Tuple(scope ${SCOPE},log_records Array(${RECORD}),schema_url String)),schema_url String))`;

const ROWS = `SELECT ra,service,resource_url,sa,scope,scope_url,arrayJoin(sl.log_records) AS r FROM (
SELECT ra,service,resource_url,attribute_map(sl.scope.attributes) AS sa,(sl.scope.name,sl.scope.version) AS scope,sl.schema_url AS scope_url,sl FROM (
SELECT ra,ra['service.name'] AS service,resource_url,arrayJoin(rl.scope_logs) AS sl FROM (
SELECT attribute_map(rl.resource.attributes) AS ra,rl.schema_url AS resource_url,rl FROM (
SELECT arrayJoin(resource_logs) AS rl FROM {input}))))`;

const COLUMNS: Columns = [
  ['Timestamp', 'moment(if(r.time_unix_nano=0,r.observed_time_unix_nano,r.time_unix_nano))'],
  ['TraceId', 'trace_hex(r.trace_id)'],
  ['SpanId', 'span_hex(r.span_id)'],
  ['TraceFlags', 'toUInt8(bitAnd(r.flags,255))'],
  ['SeverityText', 'r.severity_text'],
  ['SeverityNumber', 'toUInt8(least(r.severity_number,255))'],
  ['ServiceName', 'service'],
  ['Body', 'value_text(r.body)'],
  ['ResourceSchemaUrl', 'resource_url'],
  ['ResourceAttributes', 'ra'],
  ['ScopeSchemaUrl', 'scope_url'],
  ['ScopeName', 'scope.1'],
  ['ScopeVersion', 'scope.2'],
  ['ScopeAttributes', 'sa'],
  ['LogAttributes', 'attribute_map(r.attributes)'],
  ['EventName', 'r.event_name'],
];

/** Log records into `otel_logs`. */
export const logsStatement: LoadStatement = {
  table: 'otel_logs',
  proto: PROTO,
  message: 'Request',
  sql: insertStatement('otel_logs', COLUMNS, STRUCTURE, ROWS),
};
