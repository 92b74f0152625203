SELECT DISTINCT ServiceName
FROM otel_traces_service_1m
WHERE @{minutes}
  AND SpanKind IN ('Server', 'Consumer')
  AND NOT startsWith(ServiceName, 'tocsin-')
  AND ServiceName != ''
ORDER BY ServiceName
LIMIT 1000
