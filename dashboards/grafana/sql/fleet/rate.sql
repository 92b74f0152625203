-- The minute that is not over yet is shown once it says something.
SELECT
  @{time} AS time,
  ServiceName AS service,
  sum(Requests) / @{covered} AS rate
FROM otel_traces_service_1m
WHERE @{minutes}
  AND SpanKind IN ('Server', 'Consumer')
  AND NOT startsWith(ServiceName, 'tocsin-')
  AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)
GROUP BY time, service
HAVING @{covered} >= 15
ORDER BY time, service
