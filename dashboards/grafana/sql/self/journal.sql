SELECT
  $__timeInterval(TimeUnix) AS time,
  maxIf(Value, MetricName = 'tocsin.collector.journal.size') AS size,
  maxIf(Value, MetricName = 'tocsin.collector.journal.limit') AS limit
FROM otel_metrics_gauge
WHERE $__timeFilter(TimeUnix)
  AND ServiceName = 'tocsin-collector'
  AND MetricName IN ('tocsin.collector.journal.size', 'tocsin.collector.journal.limit')
GROUP BY time
ORDER BY time
