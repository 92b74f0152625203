const DAY_MS = 86_400_000;
/** Points a day of a metric: one a minute. */
const POINTS = 1_440;
/** Bounds of seeded histograms, as multiples of the usual value. */
const BOUNDS = [0.25, 0.5, 1, 2, 4];

/** A metric of a service over a day. */
export interface SeededMetric {
  readonly service: string;
  readonly resource: Readonly<Record<string, string>>;
  readonly name: string;
  readonly kind: 'gauge' | 'sum' | 'histogram';
  readonly unit: string;
  readonly isCounter: boolean;
  /** A usual value, or growth a minute. */
  readonly usual: number;
  readonly attributes: Readonly<Record<string, string>>;
}

const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

/** A map of texts as SQL. */
export function mapSql(entries: Readonly<Record<string, string>>): string {
  const parts = Object.entries(entries).map(([key, value]) => `${quote(key)}, ${quote(value)}`);
  return parts.length === 0 ? "CAST(map(), 'Map(LowCardinality(String), String)')" : `map(${parts.join(', ')})`;
}

/** Statements that write a point a minute of each metric, over the day that ends at `endMs` (Unix ms). One statement a kind. */
export function pointStatements(metrics: readonly SeededMetric[], endMs: number): string[] {
  return (['gauge', 'sum', 'histogram'] as const).flatMap((kind) => {
    const ofKind = metrics.filter((metric) => metric.kind === kind);
    return ofKind.length === 0 ? [] : [kind === 'histogram' ? histograms(ofKind, endMs) : numbers(kind, ofKind, endMs)];
  });
}

const times = (endMs: number): string =>
  `fromUnixTimestamp64Milli(toInt64(${endMs - DAY_MS} + (number + 1) * 60000 - 1000)) AS at, fromUnixTimestamp64Milli(toInt64(${endMs - DAY_MS})) AS begin`;

function tupleOf({ service, resource, name, unit, isCounter, usual, attributes }: SeededMetric): string {
  const about = mapSql({ 'service.name': service, ...resource });
  return `(${quote(service)}, ${about}, ${quote(name)}, ${quote(unit)}, ${isCounter}, toFloat64(${usual}), ${mapSql(attributes)})`;
}

const TYPES = `'Array(Tuple(service String, resource Map(LowCardinality(String), String), name String, unit String, is_counter Bool, usual Float64, attributes Map(LowCardinality(String), String)))'`;
const COLUMNS = 'ResourceAttributes, ServiceName, MetricName, MetricUnit, Attributes, StartTimeUnix, TimeUnix';
const FIELDS = 'm.resource, m.service, m.name, m.unit, m.attributes, begin, at';

function numbers(kind: 'gauge' | 'sum', metrics: readonly SeededMetric[], endMs: number): string {
  const more = kind === 'sum' ? ', AggregationTemporality, IsMonotonic' : '';
  return `INSERT INTO otel_metrics_${kind} (${COLUMNS}, Value${more})
    SELECT ${FIELDS}, m.usual * if(m.is_counter, number + 1, 1 + sin(number / 100) / 10)${kind === 'sum' ? ', 2, m.is_counter' : ''}
    FROM (SELECT number, ${times(endMs)}, arrayJoin(CAST([${metrics.map(tupleOf).join(',\n')}], ${TYPES})) AS m FROM numbers(${POINTS}))`;
}

/** A minute brings ten values: one in the first bucket, four in the second, three, one, and one above all bounds. */
function histograms(metrics: readonly SeededMetric[], endMs: number): string {
  const counts = [1, 4, 3, 1, 0, 1].map((count) => `toUInt64((number + 1) * ${count})`);
  return `INSERT INTO otel_metrics_histogram (${COLUMNS}, Count, Sum, BucketCounts, ExplicitBounds, AggregationTemporality)
    SELECT ${FIELDS}, (number + 1) * 10, (number + 1) * 10 * m.usual, [${counts.join(', ')}], arrayMap(bound -> bound * m.usual, [${BOUNDS.join(', ')}]), 2
    FROM (SELECT number, ${times(endMs)}, arrayJoin(CAST([${metrics.map(tupleOf).join(',\n')}], ${TYPES})) AS m FROM numbers(${POINTS}))`;
}
