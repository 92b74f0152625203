SELECT
  $__timeInterval(Timestamp) AS time,
  if(LogAttributes['tocsin.incident.severity'] = '', 'none', LogAttributes['tocsin.incident.severity']) AS severity,
  count() AS incidents
FROM otel_logs
WHERE $__timeFilter(Timestamp)
  AND ServiceName = 'tocsin-alerting'
  AND startsWith(EventName, 'tocsin.incident.')
  AND $__conditionalAll(LogAttributes['tocsin.incident.receiver'] IN (${receiver:singlequote}), $receiver)
  AND $__conditionalAll(LogAttributes['tocsin.incident.severity'] IN (${severity:singlequote}), $severity)
  AND EventName IN ('tocsin.incident.fired', 'tocsin.incident.reopened')
GROUP BY time, severity
ORDER BY time, severity
