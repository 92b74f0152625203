SELECT
  -- Every location tells every 30 s.
  toStartOfInterval(TimeUnix, toIntervalSecond(greatest(60, $__interval_s))) AS time,
  ResourceAttributes['tocsin.location'] AS location,
  multiIf(
    countIf(Attributes['tocsin.monitor.state'] = 'down') > 0, 1,
    countIf(Attributes['tocsin.monitor.state'] = 'degraded') > 0, 2,
    countIf(Attributes['tocsin.monitor.state'] = 'up') > 0, 3,
    0
  ) AS state
FROM otel_metrics_gauge
WHERE $__timeFilter(TimeUnix)
  AND ServiceName = 'tocsin-checker'
  AND MetricName = 'tocsin.monitor.up'
  AND Attributes['tocsin.monitor.name'] IN (${monitor:singlequote})
GROUP BY time, location
ORDER BY time, location
