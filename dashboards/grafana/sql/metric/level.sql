-- Each series of points by its mean in the interval; what a process does not tell apart here is added up, then comes @{over} of the processes.
SELECT time, service, series, @{over}(level) AS value
FROM (
  SELECT time, service, series, process, sum(mean) AS level
  FROM (
    SELECT
      $__timeInterval(TimeUnix) AS time,
      ServiceName AS service,
      @{by} AS series,
      cityHash64(ResourceAttributes) AS process,
      avg(Value) AS mean
    FROM @{table}
    WHERE $__timeFilter(TimeUnix)
      AND @{of}
      AND MetricName = '@{metric}'
    GROUP BY time, service, series, process, cityHash64(Attributes)
  )
  GROUP BY time, service, series, process
)
GROUP BY time, service, series
ORDER BY time, service, series
