SELECT if(count() = 0, NULL, quantile(0.95)(Duration) / 1e9) AS p95
FROM otel_traces
WHERE $__timeFilter(Timestamp)
  AND SpanKind IN ('Server', 'Consumer')
  AND NOT startsWith(ServiceName, 'tocsin-')
  AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)
  AND $__conditionalAll(SpanName IN (${operation:singlequote}), $operation)
