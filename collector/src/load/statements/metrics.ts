import { METRIC_KIND_SCHEMAS, type MetricKind, type MetricKindSchema } from './metric-kinds.ts';
import { ATTRIBUTES_TYPE, COMMON_PROTO } from './proto.ts';
import { type Columns, insertStatement, type LoadStatement } from './statement.ts';

const COMMON_COLUMNS: Columns = [
  ['ResourceAttributes', 'ra'],
  ['ResourceSchemaUrl', 'resource_url'],
  ['ScopeName', 'scope.1'],
  ['ScopeVersion', 'scope.2'],
  ['ScopeAttributes', 'sa'],
  ['ScopeDroppedAttrCount', 'scope.3'],
  ['ScopeSchemaUrl', 'scope_url'],
  ['ServiceName', 'service'],
  ['MetricName', 'metric.1'],
  ['MetricDescription', 'metric.2'],
  ['MetricUnit', 'metric.3'],
  ['Attributes', 'attribute_map(p.attributes)'],
  ['StartTimeUnix', 'moment(p.start_time_unix_nano)'],
  ['TimeUnix', 'moment(p.time_unix_nano)'],
];

const SCOPE_TYPE = `Tuple(name String,version String,attributes ${ATTRIBUTES_TYPE},dropped_attributes_count UInt64)`;

/** What is the same for every point of a scope or a metric is computed once, before the points are unfolded. */
const ROWS = `SELECT ra,service,resource_url,sa,scope,scope_url,metric,arrayJoin(points) AS p FROM (
SELECT ra,service,resource_url,sa,scope,scope_url,(m.name,m.description,m.unit,m.data.aggregation_temporality,m.data.is_monotonic) AS metric,m.data.data_points AS points FROM (
SELECT ra,service,resource_url,sa,scope,scope_url,arrayJoin(metrics) AS m FROM (
SELECT ra,service,resource_url,attribute_map(sm.scope.attributes) AS sa,(sm.scope.name,sm.scope.version,sm.scope.dropped_attributes_count) AS scope,sm.schema_url AS scope_url,sm.metrics AS metrics FROM (
SELECT ra,ra['service.name'] AS service,resource_url,arrayJoin(rm.scope_metrics) AS sm FROM (
SELECT attribute_map(rm.resource.attributes) AS ra,rm.schema_url AS resource_url,rm FROM (
SELECT arrayJoin(resource_metrics) AS rm FROM {input}))))))`;

/**
 * A segment of metrics holds all five kinds, and an INSERT writes one table: so each kind has a statement of its own, whose
 * schema knows only that kind. ClickHouse skips the others' points without reading them. Kinds without temporality have
 * no fields 2 and 3, so one `Data` message serves all.
 */
function metricStatement(name: MetricKind): LoadStatement {
  const kind: MetricKindSchema = METRIC_KIND_SCHEMAS[name];
  const proto = `${COMMON_PROTO}
${kind.messages}
message Point{map<string,string> attributes=${kind.attributesField};fixed64 start_time_unix_nano=2;fixed64 time_unix_nano=3;${kind.pointProto}}
message Data{repeated Point data_points=1;int64 aggregation_temporality=2;uint64 is_monotonic=3;}
message Metric{string name=1;string description=2;string unit=3;Data data=${kind.field};}
message ScopeMetrics{InstrumentationScope scope=1;repeated Metric metrics=2;string schema_url=3;}
message ResourceMetrics{Resource resource=1;repeated ScopeMetrics scope_metrics=2;string schema_url=3;}
message Request{repeated ResourceMetrics resource_metrics=1;}`;
  const point = `Tuple(attributes ${ATTRIBUTES_TYPE},start_time_unix_nano UInt64,time_unix_nano UInt64,${kind.pointType})`;
  const data = `Tuple(data_points Array(${point}),aggregation_temporality Int64,is_monotonic UInt64)`;
  const metric = `Tuple(name String,description String,unit String,data ${data})`;
  const structure =
    `resource_metrics Array(Tuple(resource Tuple(attributes ${ATTRIBUTES_TYPE}),` +
    `scope_metrics Array(Tuple(scope ${SCOPE_TYPE},metrics Array(${metric}),schema_url String)),schema_url String))`;
  const table = `otel_metrics_${name}`;
  const columns: Columns = [...COMMON_COLUMNS, ...kind.columns];
  return { table, proto, message: 'Request', sql: insertStatement(table, columns, structure, ROWS) };
}

/** Data points into `otel_metrics_*`. */
export const metricStatements: Readonly<Record<MetricKind, LoadStatement>> = {
  gauge: metricStatement('gauge'),
  sum: metricStatement('sum'),
  histogram: metricStatement('histogram'),
  exponential_histogram: metricStatement('exponential_histogram'),
  summary: metricStatement('summary'),
};
