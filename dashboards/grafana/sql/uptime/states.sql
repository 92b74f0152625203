SELECT
  $__timeInterval(TimeUnix) AS time,
  Attributes['tocsin.monitor.name'] AS monitor,
  min(Value) AS up
FROM otel_metrics_gauge
WHERE $__timeFilter(TimeUnix)
  AND ServiceName = 'tocsin-checker'
  AND MetricName = 'tocsin.monitor.up'
  AND Attributes['tocsin.monitor.state'] != 'unknown'
  AND $__conditionalAll(Attributes['tocsin.monitor.name'] IN (${monitor:singlequote}), $monitor)
GROUP BY time, monitor
ORDER BY time, monitor
