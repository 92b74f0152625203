import { type AttributeParameters, attributesMatch } from './attribute-match.ts';

/** Which points of a metric are meant, in which steps, and by what they are grouped. */
export type MetricParameters = AttributeParameters &
  Readonly<{
    metric: string;
    /** Whole steps, Unix ms: `[from, to)`. */
    from_ms: number;
    to_ms: number;
    step_s: number;
    /** Keys of attributes of the point or its resource. */
    by: readonly string[];
    /** The most groups; the largest stay. */
    limit: number;
  }>;

/** Of what a metric's group measured in each step. */
export interface MetricSeriesRow {
  /** A value for each key it is grouped by. */
  readonly labels: readonly string[];
  /** The oldest first: the step's begin in Unix ms, and the value; `null` where it is none that can be written. */
  readonly points: readonly (readonly [atMs: number, value: number | null])[];
  /** How many groups there are; the rows may be fewer. */
  readonly total: number;
}

const valueOf = (key: string): string =>
  `if(mapContains(Attributes, ${key}), Attributes[${key}], ResourceAttributes[${key}])`;

/** The points meant, as SQL. @param lookbackS so many seconds of points before the first step come along, as SQL */
export function pointsMatch(lookbackS: string = '0'): string {
  return `MetricName = {metric:String}
        AND TimeUnix >= fromUnixTimestamp64Milli({from_ms:Int64}) - toIntervalSecond(${lookbackS})
        AND TimeUnix < fromUnixTimestamp64Milli({to_ms:Int64})
        AND ${attributesMatch(valueOf)}`;
}

/** The values that a point is grouped by, as SQL. */
export const LABELS = `arrayMap(k -> leftUTF8(${valueOf('k')}, 200), {by:Array(String)})`;

/** What makes points those of one series (OpenTelemetry, Metrics Data Model, "Timeseries Model"), as SQL. */
export const SERIES = 'cityHash64(ServiceName, ScopeName, ResourceAttributes, Attributes)';

/** The step of a point, as SQL: its begin in Unix seconds. */
export const STEP = 'intDiv(toUnixTimestamp(TimeUnix), {step_s:UInt32}) * {step_s:UInt32}';

/** An increase looks so far back for the point before the first one, in seconds: longer than most senders' interval. */
export const LOOKBACK_S = 'greatest(300, {step_s:UInt32})';

/** Of rows (labels, step, value) the groups with the largest values, as SQL. */
export function largestGroups(rows: string): string {
  return `
    SELECT
      labels,
      arraySort(groupArray((toFloat64(step) * 1000, value))) AS points,
      toFloat64(count() OVER ()) AS total
    FROM (${rows})
    GROUP BY labels
    ORDER BY max(abs(value)) DESC, labels
    LIMIT {limit:UInt32}`;
}

/** Of a table of values that go up and down: each series' mean in a step, then over the series of a group what `how` says. */
export function levelsSql(table: string): string {
  return largestGroups(`
      SELECT
        labels,
        step,
        multiIf({how:String} = 'sum', sum(mean), {how:String} = 'min', min(least_value), {how:String} = 'max', max(largest), avg(mean)) AS value
      FROM (
        SELECT ${LABELS} AS labels, ${SERIES} AS series, ${STEP} AS step,
          avg(Value) AS mean, min(Value) AS least_value, max(Value) AS largest
        FROM ${table}
        WHERE ${pointsMatch()}
        GROUP BY labels, series, step
      )
      GROUP BY labels, step`);
}
