SELECT
  $__timeInterval(TimeUnix) AS time,
  Attributes['tocsin.monitor.name'] AS monitor,
  max(Value) AS lateness
FROM otel_metrics_gauge
WHERE $__timeFilter(TimeUnix)
  AND ServiceName = 'tocsin-checker'
  AND MetricName = 'tocsin.probe.lateness'
  AND $__conditionalAll(Attributes['tocsin.monitor.name'] IN (${monitor:singlequote}), $monitor)
GROUP BY time, monitor
ORDER BY time, monitor
