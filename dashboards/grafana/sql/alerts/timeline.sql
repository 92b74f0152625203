SELECT
  Timestamp AS time,
  substring(EventName, length('tocsin.incident.') + 1) AS event,
  LogAttributes['tocsin.incident.label.alertname'] AS alert,
  LogAttributes['tocsin.incident.severity'] AS severity,
  LogAttributes['tocsin.incident.receiver'] AS receiver,
  LogAttributes['tocsin.incident.actor'] AS actor,
  Body AS text,
  LogAttributes['tocsin.incident.id'] AS incident
FROM otel_logs
WHERE $__timeFilter(Timestamp)
  AND ServiceName = 'tocsin-alerting'
  AND startsWith(EventName, 'tocsin.incident.')
  AND $__conditionalAll(LogAttributes['tocsin.incident.receiver'] IN (${receiver:singlequote}), $receiver)
  AND $__conditionalAll(LogAttributes['tocsin.incident.severity'] IN (${severity:singlequote}), $severity)
ORDER BY Timestamp DESC
LIMIT 300
