SELECT count() AS incidents
FROM (
  SELECT LogAttributes['tocsin.incident.id'] AS incident
  FROM otel_logs
  WHERE $__timeFilter(Timestamp)
    AND ServiceName = 'tocsin-alerting'
    AND startsWith(EventName, 'tocsin.incident.')
    AND $__conditionalAll(LogAttributes['tocsin.incident.receiver'] IN (${receiver:singlequote}), $receiver)
    AND $__conditionalAll(LogAttributes['tocsin.incident.severity'] IN (${severity:singlequote}), $severity)
    AND EventName IN ('tocsin.incident.fired', 'tocsin.incident.reopened')
  GROUP BY incident
)
