SELECT DISTINCT SpanName
FROM otel_traces_service_1m
WHERE @{minutes}
  AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)
ORDER BY SpanName
LIMIT 1000
