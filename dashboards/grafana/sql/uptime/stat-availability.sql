SELECT
  if(
    sumIf(Value, Attributes['tocsin.probe.outcome'] IN ('up', 'degraded', 'down')) = 0,
    NULL,
    sumIf(Value, Attributes['tocsin.probe.outcome'] IN ('up', 'degraded'))
      / sumIf(Value, Attributes['tocsin.probe.outcome'] IN ('up', 'degraded', 'down'))
  ) AS availability
FROM otel_metrics_sum
WHERE $__timeFilter(TimeUnix)
  AND ServiceName = 'tocsin-checker'
  AND MetricName = 'tocsin.probe.runs'
  AND Attributes['tocsin.probe.excluded'] != 'true'
  AND $__conditionalAll(Attributes['tocsin.monitor.name'] IN (${monitor:singlequote}), $monitor)
