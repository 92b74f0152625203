SELECT DISTINCT Attributes['tocsin.monitor.name'] AS monitor
FROM otel_metrics_gauge
WHERE $__timeFilter(TimeUnix)
  AND ServiceName = 'tocsin-checker'
  AND MetricName = 'tocsin.monitor.interval'
ORDER BY monitor
LIMIT 1000
