import type { Statement } from './statement-types.ts';

/** What a metric's points are like. */
export interface MetricShapeRow {
  readonly kind: 'gauge' | 'sum' | 'histogram' | 'exponential_histogram' | 'summary';
  readonly unit: string;
  /** Cut at 500 characters. */
  readonly description: string;
  /** A sum that only rises, but for new beginnings. */
  readonly is_monotonic: boolean;
  /** All points are of delta temporality. */
  readonly is_delta: boolean;
  readonly series: number;
  readonly points: number;
  /** From the first point to the last, in s. */
  readonly span_s: number;
}

const part = (kind: MetricShapeRow['kind'], monotonic: string, temporality: string): string => `
      SELECT
        '${kind}' AS kind,
        any(MetricUnit) AS unit,
        leftUTF8(any(MetricDescription), 500) AS description,
        ${monotonic} AS is_monotonic,
        ${temporality} AS is_delta,
        toFloat64(uniq(ServiceName, ScopeName, ResourceAttributes, AttributesHash)) AS series,
        toFloat64(count()) AS points,
        dateDiff('millisecond', min(TimeUnix), max(TimeUnix)) / 1000 AS span_s
      FROM otel_metrics_${kind}
      WHERE MetricName = {metric:String}
        AND TimeUnix >= fromUnixTimestamp64Milli({from_ms:Int64})
        AND TimeUnix < fromUnixTimestamp64Milli({to_ms:Int64})`;

const ALL_DELTA = 'min(AggregationTemporality = 1)::Bool';

/** Of which kinds a metric has points in `[from, to)`; the one with the most first. */
export const metricShape: Statement<{ metric: string; from_ms: number; to_ms: number }, MetricShapeRow> = {
  name: 'metric_shape',
  sql: `
    SELECT * FROM (
      ${[
        part('gauge', 'false', 'false'),
        part('sum', 'max(IsMonotonic)', ALL_DELTA),
        part('histogram', 'true', ALL_DELTA),
        part('exponential_histogram', 'true', ALL_DELTA),
        part('summary', 'true', 'false'),
      ].join('\n      UNION ALL')}
    )
    WHERE points > 0
    ORDER BY points DESC`,
};
