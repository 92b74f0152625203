SELECT
  @{time} AS time,
  ServiceName AS service,
  sum(Records) AS records
FROM otel_logs_1m
WHERE @{minutes}
  AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)
  AND @{level} IN ('error', 'fatal')
GROUP BY time, service
ORDER BY time, service
