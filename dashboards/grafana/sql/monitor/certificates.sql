SELECT
  ResourceAttributes['tocsin.location'] AS location,
  transform(
    MetricName,
    ['tocsin.probe.tls.not_after', 'tocsin.probe.tls.earliest_not_after', 'tocsin.probe.tls.verified_not_after', 'tocsin.probe.domain.not_after'],
    ['what the monitor expects of', 'the first of all sent', 'the verified path', 'the registration of the domain'],
    MetricName
  ) AS what,
  toDateTime(argMax(Value, TimeUnix)) AS expires,
  (argMax(Value, TimeUnix) - toUnixTimestamp($__toTime)) / 86400 AS days
FROM otel_metrics_gauge
WHERE $__timeFilter(TimeUnix)
  AND ServiceName = 'tocsin-checker'
  AND MetricName IN ('tocsin.probe.tls.not_after', 'tocsin.probe.tls.earliest_not_after', 'tocsin.probe.tls.verified_not_after', 'tocsin.probe.domain.not_after')
  AND Attributes['tocsin.monitor.name'] IN (${monitor:singlequote})
GROUP BY location, what
ORDER BY days, location, what
LIMIT 200
