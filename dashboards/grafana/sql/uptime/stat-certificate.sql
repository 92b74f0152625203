SELECT
  if(
    count() = 0,
    NULL,
    (min(not_after) - toUnixTimestamp($__toTime)) / 86400
  ) AS days
FROM (
  SELECT argMax(Value, TimeUnix) AS not_after
  FROM otel_metrics_gauge
  WHERE $__timeFilter(TimeUnix)
    AND ServiceName = 'tocsin-checker'
    AND MetricName = 'tocsin.probe.tls.not_after'
    AND $__conditionalAll(Attributes['tocsin.monitor.name'] IN (${monitor:singlequote}), $monitor)
  GROUP BY Attributes['tocsin.monitor.name']
)
