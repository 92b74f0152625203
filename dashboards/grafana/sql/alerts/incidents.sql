SELECT
  if(begun > toDateTime64(0, 9), begun, NULL) AS fired,
  name AS alert,
  severity,
  receiver,
  multiIf(ended > begun, 'resolved', acknowledged > begun AND acknowledged > unacknowledged, 'acknowledged', 'open') AS state,
  acknowledged_by,
  if(begun = toDateTime64(0, 9) OR acknowledged < begun, NULL, dateDiff('second', begun, acknowledged)) AS to_acknowledge,
  if(begun = toDateTime64(0, 9) OR ended < begun, NULL, dateDiff('second', begun, ended)) AS to_resolve,
  messages,
  nobody,
  first_text AS text,
  incident
FROM (
  SELECT
    LogAttributes['tocsin.incident.id'] AS incident,
    any(LogAttributes['tocsin.incident.label.alertname']) AS name,
    argMax(LogAttributes['tocsin.incident.severity'], Timestamp) AS severity,
    any(LogAttributes['tocsin.incident.receiver']) AS receiver,
    minIf(Timestamp, EventName = 'tocsin.incident.fired') AS begun,
    minIf(Timestamp, EventName = 'tocsin.incident.acknowledged') AS acknowledged,
    maxIf(Timestamp, EventName IN ('tocsin.incident.unacknowledged', 'tocsin.incident.acknowledgement_expired')) AS unacknowledged,
    maxIf(Timestamp, EventName IN ('tocsin.incident.resolved', 'tocsin.incident.not_followed')) AS ended,
    argMinIf(LogAttributes['tocsin.incident.actor'], Timestamp, EventName = 'tocsin.incident.acknowledged') AS acknowledged_by,
    countIf(EventName = 'tocsin.incident.notified') AS messages,
    countIf(EventName IN ('tocsin.incident.nobody_on_call', 'tocsin.incident.unreachable', 'tocsin.incident.nobody_told')) AS nobody,
    argMin(Body, Timestamp) AS first_text
  FROM otel_logs
  WHERE $__timeFilter(Timestamp)
    AND ServiceName = 'tocsin-alerting'
    AND startsWith(EventName, 'tocsin.incident.')
    AND $__conditionalAll(LogAttributes['tocsin.incident.receiver'] IN (${receiver:singlequote}), $receiver)
    AND $__conditionalAll(LogAttributes['tocsin.incident.severity'] IN (${severity:singlequote}), $severity)
  GROUP BY incident
)
ORDER BY state = 'open' DESC, state = 'acknowledged' DESC, fired DESC
LIMIT 200
