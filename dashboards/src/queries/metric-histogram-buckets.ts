import { bucketsSql, LAST_END, type MetricBucketsRow } from './metric-buckets.ts';
import type { MetricParameters } from './metric-points.ts';
import type { Statement } from './statement-types.ts';

/** Histograms with explicit bounds; a bucket ends at its bound, the last one nowhere. */
export const metricHistogramBuckets: Statement<MetricParameters, MetricBucketsRow> = {
  name: 'metric_histogram_buckets',
  sql: bucketsSql(
    'otel_metrics_histogram',
    `(arrayResize(arrayPushBack(ExplicitBounds, ${LAST_END}), length(BucketCounts), ${LAST_END}), BucketCounts)`,
  ),
};
