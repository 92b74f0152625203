SELECT
  @{time} AS time,
  sum(Errors) / @{covered} AS failed,
  sum(Requests) / @{covered} - failed AS good
FROM otel_traces_service_1m
WHERE @{minutes}
  AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)
  AND $__conditionalAll(SpanName IN (${operation:singlequote}), $operation)
  AND $__conditionalAll(SpanKind IN (${kind:singlequote}), $kind)
GROUP BY time
HAVING @{covered} >= 15
ORDER BY time
