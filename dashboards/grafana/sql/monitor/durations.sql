SELECT
  $__timeInterval(TimeUnix) AS time,
  ResourceAttributes['tocsin.location'] AS location,
  quantile(0.95)(Value) AS p95
FROM otel_metrics_gauge
WHERE $__timeFilter(TimeUnix)
  AND ServiceName = 'tocsin-checker'
  AND MetricName = 'tocsin.probe.duration'
  AND Attributes['tocsin.monitor.name'] IN (${monitor:singlequote})
  AND Attributes['tocsin.probe.phase'] = 'total'
GROUP BY time, location
ORDER BY time, location
