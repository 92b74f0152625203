import { levelsSql, type MetricParameters, type MetricSeriesRow } from './metric-points.ts';
import type { Statement } from './statement-types.ts';

/** Sums as they stand: what an UpDownCounter is read for. `how` as for gauges. */
export const metricSumLevels: Statement<MetricParameters & Readonly<{ how: string }>, MetricSeriesRow> = {
  name: 'metric_sum_levels',
  sql: levelsSql('otel_metrics_sum'),
};
