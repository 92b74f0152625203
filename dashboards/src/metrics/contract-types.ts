import type { MetricNamesRow } from '../queries/metric-names.ts';
import type { MetricShapeRow } from '../queries/metric-shape.ts';

export type MetricKind = MetricShapeRow['kind'];

/**
 * What is drawn of a metric. Of a gauge, and of a sum that also falls, `avg`, `min`, `max`, `sum` over the series of a group; of a sum that only rises `rate` (a second) and
 * `increase` (a step); of a histogram percentiles, `avg`, and `rate` and `increase` of its count; `percentiles` are p50, p95 and p99, of the largest group.
 */
export type MetricView =
  'avg' | 'min' | 'max' | 'sum' | 'rate' | 'increase' | 'p50' | 'p75' | 'p90' | 'p95' | 'p99' | 'percentiles';

/** A line. */
export interface MetricLine {
  /** A value for each key of `by`; for `percentiles` the name of the percentile at the end. */
  readonly labels: readonly string[];
  /** One for each time of the answer. */
  readonly values: readonly (number | null)[];
}

/** What a metric measured. Times in Unix ms. */
export interface MetricSeries {
  readonly kind: MetricKind;
  readonly unit: string;
  readonly description: string;
  readonly isMonotonic: boolean;
  readonly isDelta: boolean;
  /** What is drawn, and what could be. */
  readonly view: MetricView;
  readonly views: readonly MetricView[];
  readonly fromMs: number;
  readonly stepMs: number;
  readonly timesMs: readonly number[];
  readonly lines: readonly MetricLine[];
  /** How many groups there are; the lines may be of fewer, the largest. */
  readonly totalGroups: number;
}

export interface MetricContract {
  'GET /api/v1/metrics': {
    readonly input: { readonly q?: string | undefined; readonly from: number };
    readonly answer: readonly MetricNamesRow[];
  };
  'GET /api/v1/metrics/series': {
    readonly input: {
      readonly metric: string;
      readonly from: number;
      readonly to: number;
      readonly kind?: MetricKind | undefined;
      readonly view?: MetricView | undefined;
      readonly by: readonly string[];
      /** As `key=value`, `key!=value`, `key~part`: of the point or its resource. */
      readonly where: readonly string[];
      readonly limit?: number | undefined;
    };
    readonly answer: MetricSeries;
  };
}
