SELECT
  $__timeInterval(TimeUnix) AS time,
  Attributes['tocsin.monitor.name'] AS monitor,
  Attributes['tocsin.probe.reason'] AS reason,
  sum(Value) AS runs
FROM otel_metrics_sum
WHERE $__timeFilter(TimeUnix)
  AND ServiceName = 'tocsin-checker'
  AND MetricName = 'tocsin.probe.runs'
  AND $__conditionalAll(Attributes['tocsin.monitor.name'] IN (${monitor:singlequote}), $monitor)
  AND Attributes['tocsin.probe.outcome'] != 'up'
GROUP BY time, monitor, reason
ORDER BY time, monitor, reason
