SELECT
  ServiceName AS service,
  ServiceVersion AS version,
  Environment AS environment,
  toDateTime(min(FirstSeen)) AS first_seen,
  toDateTime(max(LastSeen)) AS last_seen
FROM otel_services
WHERE NOT startsWith(ServiceName, 'tocsin-')
  AND ServiceName != ''
  AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)
GROUP BY service, version, environment
HAVING first_seen <= $__toTime
ORDER BY last_seen >= $__fromTime DESC, first_seen DESC
LIMIT 200
