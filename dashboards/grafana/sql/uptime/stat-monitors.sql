SELECT uniqExact(Attributes['tocsin.monitor.name']) AS monitors
FROM otel_metrics_gauge
WHERE $__timeFilter(TimeUnix)
  AND ServiceName = 'tocsin-checker'
  AND MetricName = 'tocsin.monitor.interval'
  AND $__conditionalAll(Attributes['tocsin.monitor.name'] IN (${monitor:singlequote}), $monitor)
  AND (ResourceAttributes['tocsin.location'], TimeUnix) IN (
    SELECT ResourceAttributes['tocsin.location'], max(TimeUnix)
    FROM otel_metrics_gauge
    WHERE $__timeFilter(TimeUnix)
      AND ServiceName = 'tocsin-checker'
      AND MetricName = 'tocsin.monitor.interval'
    GROUP BY ResourceAttributes['tocsin.location']
  )
