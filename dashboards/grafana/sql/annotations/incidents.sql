-- Alerting's history of incidents. One that began before the time range begins with it; one that goes on ends with it.
SELECT
  if(begun = 0, toDateTime64($__fromTime, 9), begin) AS time,
  if(ended > 0 AND end >= begin, end, toDateTime64($__toTime, 9)) AS timeEnd,
  concat(if(name = '', 'Incident', name), if(severity = '', '', concat(' (', severity, ')'))) AS title,
  body AS text,
  severity AS tags
FROM (
  SELECT
    LogAttributes['tocsin.incident.id'] AS incident,
    any(LogAttributes['tocsin.incident.label.alertname']) AS name,
    argMax(LogAttributes['tocsin.incident.severity'], Timestamp) AS severity,
    argMin(Body, Timestamp) AS body,
    countIf(EventName IN ('tocsin.incident.fired', 'tocsin.incident.reopened')) AS begun,
    minIf(Timestamp, EventName IN ('tocsin.incident.fired', 'tocsin.incident.reopened')) AS begin,
    countIf(EventName IN ('tocsin.incident.resolved', 'tocsin.incident.not_followed')) AS ended,
    maxIf(Timestamp, EventName IN ('tocsin.incident.resolved', 'tocsin.incident.not_followed')) AS end
  FROM otel_logs
  WHERE $__timeFilter(Timestamp)
    AND ServiceName = 'tocsin-alerting'
    AND startsWith(EventName, 'tocsin.incident.')
    AND @{alerted}
  GROUP BY incident
)
ORDER BY time
LIMIT 500
