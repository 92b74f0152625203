SELECT DISTINCT SpanName
FROM otel_traces
WHERE $__timeFilter(Timestamp)
  AND SpanKind IN ('Server', 'Consumer')
  AND NOT startsWith(ServiceName, 'tocsin-')
  AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)
ORDER BY SpanName
LIMIT 1000
