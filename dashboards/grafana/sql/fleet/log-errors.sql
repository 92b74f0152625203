SELECT
  @{time} AS time,
  ServiceName AS service,
  sum(Records) / @{covered} * 60 AS records
FROM otel_logs_1m
WHERE @{minutes}
  AND SeverityNumber >= 17
  AND NOT startsWith(ServiceName, 'tocsin-')
  AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)
GROUP BY time, service
HAVING @{covered} >= 15
ORDER BY time, service
