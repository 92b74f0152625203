SELECT
  $__timeInterval(TimeUnix) AS time,
  Attributes['tocsin.monitor.name'] AS monitor,
  quantile(0.95)(Value) AS p95
FROM otel_metrics_gauge
WHERE $__timeFilter(TimeUnix)
  AND ServiceName = 'tocsin-checker'
  AND MetricName = 'tocsin.probe.duration'
  AND $__conditionalAll(Attributes['tocsin.monitor.name'] IN (${monitor:singlequote}), $monitor)
  AND Attributes['tocsin.probe.phase'] = 'total'
GROUP BY time, monitor
ORDER BY time, monitor
