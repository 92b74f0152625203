SELECT
  $__timeInterval(TimeUnix) AS time,
  Attributes['tocsin.probe.phase'] AS phase,
  avg(Value) AS duration
FROM otel_metrics_gauge
WHERE $__timeFilter(TimeUnix)
  AND ServiceName = 'tocsin-checker'
  AND MetricName = 'tocsin.probe.duration'
  AND Attributes['tocsin.monitor.name'] IN (${monitor:singlequote})
  AND Attributes['tocsin.probe.phase'] != 'total'
GROUP BY time, phase
ORDER BY
  time,
  indexOf(['resolve', 'connect', 'tls', 'request', 'transfer'], phase)
