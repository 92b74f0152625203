-- From the buckets' growth, evenly within a bucket, as Prometheus's histogram_quantile; what is above the last bound counts as the bound.
WITH
  arrayFirstIndex(count -> count >= @{level} * below[-1], below) AS place,
  if(place <= length(bounds), bounds[place], bounds[-1]) AS upper,
  if(place = 1, least(0, upper), bounds[place - 1]) AS lower
SELECT
  time,
  service,
  series,
  if(place > length(bounds), upper, lower + (upper - lower) * (@{level} * below[-1] - if(place = 1, 0, below[place - 1])) / counts[place]) AS value
FROM (
  SELECT $__timeInterval(at) AS time, service, series, any(ExplicitBounds) AS bounds, sumForEach(growth) AS counts, arrayCumSum(counts) AS below
  FROM (
    SELECT
      TimeUnix AS at,
      ServiceName AS service,
      @{by} AS series,
      ExplicitBounds,
      cityHash64(ResourceAttributes, Attributes) AS points,
      AggregationTemporality = 1 AS is_delta,
      arrayMap(count -> toFloat64(count), BucketCounts) AS now_at,
      lagInFrame(now_at) OVER (PARTITION BY service, points ORDER BY TimeUnix) AS before,
      if(is_delta, now_at, arrayMap((now, then) -> if(now >= then, now - then, now), now_at, arrayResize(before, length(now_at), 0))) AS growth
    FROM otel_metrics_histogram
    WHERE $__timeFilter(TimeUnix)
      AND @{of}
      AND MetricName = '@{metric}'
  )
  WHERE is_delta OR notEmpty(before)
  GROUP BY time, service, series
)
WHERE notEmpty(bounds) AND below[-1] > 0
ORDER BY time, service, series
