import { levelsSql, type MetricParameters, type MetricSeriesRow } from './metric-points.ts';
import type { Statement } from './statement-types.ts';

/** Gauges. `how`: `avg`, `min`, `max` or `sum` over the series of a group. */
export const metricGaugeSeries: Statement<MetricParameters & Readonly<{ how: string }>, MetricSeriesRow> = {
  name: 'metric_gauge_series',
  sql: levelsSql('otel_metrics_gauge'),
};
