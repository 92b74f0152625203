SELECT
  $__timeInterval(TimeUnix) AS time,
  Attributes['tocsin.probe.outcome'] AS outcome,
  sum(Value) AS runs
FROM otel_metrics_sum
WHERE $__timeFilter(TimeUnix)
  AND ServiceName = 'tocsin-checker'
  AND MetricName = 'tocsin.probe.runs'
  AND Attributes['tocsin.monitor.name'] IN (${monitor:singlequote})
GROUP BY time, outcome
ORDER BY time, outcome
