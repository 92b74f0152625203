import {
  LABELS,
  largestGroups,
  LOOKBACK_S,
  type MetricParameters,
  type MetricSeriesRow,
  pointsMatch,
  SERIES,
  STEP,
} from './metric-points.ts';
import type { Statement } from './statement-types.ts';

/**
 * By how much sums rose in each step. A point of delta temporality is its increase. A cumulative one counts against the point before it; where it is
 * smaller, or its start is not before that point, the sender began anew and its value is the increase (OpenTelemetry, Metrics Data Model, "Resets
 * and Gaps"). Of the first point of a series nothing is known, but where it began to count shortly before: a step with nothing else is a gap.
 */
export const metricSumIncreases: Statement<MetricParameters, MetricSeriesRow> = {
  name: 'metric_sum_increases',
  sql: largestGroups(`
      SELECT labels, step, sum(increase) AS value
      FROM (
        SELECT
          labels,
          step,
          multiIf(
            temporality = 1, value,
            place = 1, if(start >= at - toIntervalSecond(${LOOKBACK_S}), value, NULL),
            value < before OR start >= before_at, value,
            value - before) AS increase
        FROM (
          SELECT
            ${LABELS} AS labels,
            ${STEP} AS step,
            Value AS value,
            StartTimeUnix AS start,
            TimeUnix AS at,
            AggregationTemporality AS temporality,
            row_number() OVER series AS place,
            lagInFrame(Value) OVER series AS before,
            lagInFrame(TimeUnix) OVER series AS before_at
          FROM otel_metrics_sum
          WHERE ${pointsMatch(LOOKBACK_S)}
          WINDOW series AS (PARTITION BY ${SERIES} ORDER BY TimeUnix ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
        )
      )
      WHERE step >= {from_ms:Int64} / 1000
      GROUP BY labels, step`),
};
