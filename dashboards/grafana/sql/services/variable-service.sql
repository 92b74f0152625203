SELECT DISTINCT ServiceName
FROM otel_traces
WHERE $__timeFilter(Timestamp)
  AND SpanKind IN ('Server', 'Consumer')
  AND NOT startsWith(ServiceName, 'tocsin-')
  AND ServiceName != ''
ORDER BY ServiceName
LIMIT 1000
