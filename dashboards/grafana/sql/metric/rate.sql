-- By the second, from what each series grew by from one point to the next. Counters begin anew when a process does; delta points (1) are growth already.
SELECT time, service, series, sum(rate) AS value
FROM (
  SELECT $__timeInterval(at) AS time, service, series, sum(growth) / sum(seconds) AS rate
  FROM (
    SELECT
      TimeUnix AS at,
      ServiceName AS service,
      @{by} AS series,
      cityHash64(ResourceAttributes, Attributes) AS points,
      AggregationTemporality = 1 AS is_delta,
      toFloat64(@{value}) AS now_at,
      lagInFrame(now_at) OVER (PARTITION BY service, points ORDER BY TimeUnix) AS before,
      lagInFrame(TimeUnix) OVER (PARTITION BY service, points ORDER BY TimeUnix) AS before_at,
      multiIf(is_delta OR now_at < before, now_at, now_at - before) AS growth,
      dateDiff('millisecond', if(is_delta, StartTimeUnix, before_at), TimeUnix) / 1e3 AS seconds
    FROM @{table}
    WHERE $__timeFilter(TimeUnix)
      AND @{of}
      AND MetricName = '@{metric}'
  )
  WHERE seconds > 0 AND (is_delta OR before_at > toDateTime64(0, 9))
  GROUP BY time, service, series, points
)
GROUP BY time, service, series
ORDER BY time, service, series
