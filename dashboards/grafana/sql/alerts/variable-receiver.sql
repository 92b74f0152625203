SELECT DISTINCT LogAttributes['tocsin.incident.receiver'] AS receiver
FROM otel_logs
WHERE $__timeFilter(Timestamp)
  AND ServiceName = 'tocsin-alerting'
  AND EventName IN ('tocsin.incident.fired', 'tocsin.incident.notified', 'tocsin.incident.resolved')
  AND receiver != ''
ORDER BY receiver
LIMIT 200
