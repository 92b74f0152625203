import { LABELS, LOOKBACK_S, pointsMatch, SERIES, STEP } from './metric-points.ts';

/** The buckets of a group's histograms in a step, all series together. */
export interface MetricBucketsRow {
  readonly labels: readonly string[];
  /** The step's begin, Unix ms. */
  readonly at_ms: number;
  /** The upper ends of all buckets, rising; the last may be LAST_END, which has none. */
  readonly ends: readonly number[];
  readonly counts: readonly number[];
  /** `null` where nothing is known: of the first point of a series. */
  readonly count: number | null;
  /** `null` where it is none that can be written. */
  readonly sum: number | null;
  /** How many groups there are; the rows may be of fewer. */
  readonly total: number;
}

/** In place of infinity, which JSON does not have. */
export const LAST_END = 1e308;

/**
 * What histograms counted in each step, with increases as `metric-sum-increases.ts` takes them, bucket by bucket.
 * @param buckets a point's buckets as SQL: the tuple of arrays (upper ends, counts), each end once
 */
export function bucketsSql(table: string, buckets: string): string {
  return `
    SELECT
      labels,
      toFloat64(step) * 1000 AS at_ms,
      all_ends AS ends,
      arrayMap(one -> toFloat64(merged.2[indexOf(merged.1, one)]), all_ends) AS counts,
      toFloat64(points_count) AS count,
      points_sum AS sum,
      toFloat64(groups) AS total
    FROM (
      SELECT *, max(place) OVER () AS groups
      FROM (
        SELECT *, dense_rank() OVER (ORDER BY weight DESC, labels) AS place
        FROM (
          SELECT labels, step, all_ends, merged, points_count, points_sum, sum(points_count) OVER (PARTITION BY labels) AS weight
          FROM (
            SELECT labels, step, arraySort(groupUniqArrayArray(ends)) AS all_ends, sumMap(ends, rises) AS merged, sum(count_rise) AS points_count, sum(sum_rise) AS points_sum
            FROM (
              SELECT
                labels, step, b.1 AS ends,
                temporality = 1 OR (place > 1 AND (count < before_count OR start >= before_at))
                  OR (place = 1 AND start >= at - toIntervalSecond(${LOOKBACK_S})) AS is_whole,
                multiIf(
                  is_whole, arrayMap(c -> toInt64(c), b.2),
                  place = 1, arrayMap(c -> toInt64(0), b.2),
                  arrayMap((e, c) -> greatest(toInt64(c) - toInt64(before.2[indexOf(before.1, e)]), 0), b.1, b.2)) AS rises,
                multiIf(is_whole, toInt64(count), place = 1, NULL, toInt64(count) - toInt64(before_count)) AS count_rise,
                multiIf(is_whole, sum_value, place = 1, NULL, sum_value - before_sum) AS sum_rise
              FROM (
                SELECT
                  labels, step, b, at, count, sum_value, start, temporality,
                  row_number() OVER series AS place,
                  lagInFrame(b) OVER series AS before,
                  lagInFrame(count) OVER series AS before_count,
                  lagInFrame(sum_value) OVER series AS before_sum,
                  lagInFrame(at) OVER series AS before_at
                FROM (
                  SELECT
                    ${LABELS} AS labels, ${STEP} AS step, ${SERIES} AS id, TimeUnix AS at, StartTimeUnix AS start,
                    AggregationTemporality AS temporality, Count AS count, Sum AS sum_value,
                    ${buckets} AS b
                  FROM ${table}
                  WHERE ${pointsMatch(LOOKBACK_S)}
                )
                WINDOW series AS (PARTITION BY id ORDER BY at ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
              )
            )
            WHERE step >= {from_ms:Int64} / 1000
            GROUP BY labels, step
          )
        )
      )
    )
    WHERE place <= {limit:UInt32}
    ORDER BY place, at_ms`;
}
