SELECT DISTINCT LogAttributes['tocsin.incident.severity'] AS severity
FROM otel_logs
WHERE $__timeFilter(Timestamp)
  AND ServiceName = 'tocsin-alerting'
  AND EventName IN ('tocsin.incident.fired', 'tocsin.incident.notified', 'tocsin.incident.resolved')
  AND severity != ''
ORDER BY severity
LIMIT 200
