SELECT
  Attributes['tocsin.monitor.name'] AS monitor,
  toDateTime(argMax(Value, TimeUnix)) AS expires,
  (argMax(Value, TimeUnix) - toUnixTimestamp($__toTime)) / 86400 AS days
FROM otel_metrics_gauge
WHERE $__timeFilter(TimeUnix)
  AND ServiceName = 'tocsin-checker'
  AND MetricName = 'tocsin.probe.tls.not_after'
  AND $__conditionalAll(Attributes['tocsin.monitor.name'] IN (${monitor:singlequote}), $monitor)
GROUP BY monitor
ORDER BY days
LIMIT 1000
