SELECT DISTINCT Attributes['slo'] AS slo
FROM otel_metrics_gauge
WHERE $__timeFilter(TimeUnix)
  AND ServiceName = 'tocsin-alerting'
  AND MetricName = 'tocsin.alerting.slo.target'
ORDER BY slo
LIMIT 1000
