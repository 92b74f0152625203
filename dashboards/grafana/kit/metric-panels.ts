import type { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { type PanelOptions, timeseries } from './panels.ts';
import { readSql } from './read-sql.ts';

/** Which points a panel is made of. All of it is SQL of ours. */
export interface MetricOptions extends Omit<PanelOptions, 'sql'> {
  readonly metric: string;
  /** A condition on `ServiceName`. */
  readonly of: string;
  /** What tells series of one service apart, as `Attributes['jvm.memory.type']`. */
  readonly by?: string;
}

/** How often applications send their metrics, unless they are told otherwise: in a shorter interval there would be gaps. */
const INTERVAL = '1m';
const SERIES = '${__field.labels.service} ${__field.labels.series}';
const TABLES = {
  gauge: 'otel_metrics_gauge',
  sum: 'otel_metrics_sum',
  /** Of which SDKs differ on the kind. */
  either: `(
      SELECT ServiceName, MetricName, ResourceAttributes, Attributes, TimeUnix, Value FROM otel_metrics_gauge WHERE $__timeFilter(TimeUnix)
      UNION ALL
      SELECT ServiceName, MetricName, ResourceAttributes, Attributes, TimeUnix, Value FROM otel_metrics_sum WHERE $__timeFilter(TimeUnix)
    )`,
} as const;

function panelOf(options: MetricOptions, sql: string): TimeseriesBuilder {
  return timeseries({ ...options, sql, seriesName: SERIES }).interval(INTERVAL);
}

const valuesOf = ({ metric, of, by = "''" }: MetricOptions) => ({ metric, of, by });

/** What is measured as it is: gauges, and sums that rise and fall. Of the processes of a service the highest, or all together. */
export function level(
  options: MetricOptions & { readonly kind: keyof typeof TABLES; readonly over?: 'max' | 'sum' },
): TimeseriesBuilder {
  const { kind, over = 'max' } = options;
  return panelOf(options, readSql('metric/level', { ...valuesOf(options), table: TABLES[kind], over }));
}

/** What is counted, by the second: counters, or the sum (`Sum`) or number (`Count`) of a histogram's values. */
export function rate(options: MetricOptions & { readonly histogram?: 'Sum' | 'Count' }): TimeseriesBuilder {
  const { histogram } = options;
  const table = histogram === undefined ? TABLES.sum : 'otel_metrics_histogram';
  return panelOf(options, readSql('metric/rate', { ...valuesOf(options), table, value: histogram ?? 'Value' }));
}

/** A quantile of a histogram, of all processes of a service together. `quantile` is 0 to 1. */
export function quantile(options: MetricOptions & { readonly quantile: number }): TimeseriesBuilder {
  return panelOf(options, readSql('metric/quantile', { ...valuesOf(options), level: String(options.quantile) }));
}

/** The newest value, for a stat panel. */
export function newestSql(
  kind: 'gauge' | 'sum',
  metric: string,
  of: string,
  over: 'max' | 'sum' | 'min' = 'sum',
): string {
  return readSql('metric/now', { table: TABLES[kind], metric, of, over });
}

/** How much was counted in the time range, for a stat panel. */
export function totalSql(metric: string, of: string): string {
  return readSql('metric/total', { metric, of });
}
