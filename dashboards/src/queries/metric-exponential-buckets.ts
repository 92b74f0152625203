import { bucketsSql, type MetricBucketsRow } from './metric-buckets.ts';
import type { MetricParameters } from './metric-points.ts';
import type { Statement } from './statement-types.ts';

/** Scales above this are read as this one: eight buckets for every doubling, as the rollup of spans has. */
export const FINEST_SCALE = 3;

const scale = `least(Scale, ${FINEST_SCALE})`;
/** Index i at the point's own scale is index floor(i / 2^d) at a scale smaller by d (Metrics Data Model, "Exponential Scale"). */
const index = (own: string): string => `floor((${own}) / exp2(Scale - ${scale}))`;
const ends = (offset: string, counts: string): string =>
  `arrayMap(i -> ${index(`${offset} + i`)}, range(length(${counts})))`;

/**
 * Exponential histograms. A positive bucket of index i holds values up to 2^((i+1) / 2^scale), a negative one those from -2^((i+1) / 2^scale) on: of it the end
 * nearer to zero is taken. The zero bucket ends at 0.
 */
export const metricExponentialBuckets: Statement<MetricParameters, MetricBucketsRow> = {
  name: 'metric_exponential_buckets',
  sql: bucketsSql(
    'otel_metrics_exponential_histogram',
    `arrayReduce('sumMap',
                      [arrayConcat(
                        arrayMap(i -> -exp2(i * exp2(-${scale})), ${ends('NegativeOffset', 'NegativeBucketCounts')}),
                        [0.],
                        arrayMap(i -> exp2((i + 1) * exp2(-${scale})), ${ends('PositiveOffset', 'PositiveBucketCounts')}))],
                      [arrayConcat(NegativeBucketCounts, [ZeroCount], PositiveBucketCounts)])`,
  ),
};
