SELECT toUInt64(sum(Value)) AS failed
FROM otel_metrics_sum
WHERE $__timeFilter(TimeUnix)
  AND ServiceName = 'tocsin-checker'
  AND MetricName = 'tocsin.probe.runs'
  AND Attributes['tocsin.monitor.name'] IN (${monitor:singlequote})
  AND Attributes['tocsin.probe.outcome'] = 'down'
