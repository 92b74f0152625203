-- How much was counted in the time range. A counter that begins within it has counted from zero.
SELECT sum(growth) AS value
FROM (
  SELECT
    AggregationTemporality = 1 AS is_delta,
    lagInFrame(Value) OVER points AS before,
    lagInFrame(TimeUnix) OVER points AS before_at,
    multiIf(
      is_delta, Value,
      before_at = toDateTime64(0, 9), if(StartTimeUnix >= $__fromTime, Value, 0),
      Value < before, Value,
      Value - before
    ) AS growth
  FROM otel_metrics_sum
  WHERE $__timeFilter(TimeUnix)
    AND @{of}
    AND MetricName = '@{metric}'
  WINDOW points AS (PARTITION BY cityHash64(ResourceAttributes), cityHash64(Attributes) ORDER BY TimeUnix)
)
