SELECT
  $__timeInterval(Timestamp) AS time,
  ServiceName AS service,
  count() / $__interval_s AS rate
FROM otel_traces
WHERE $__timeFilter(Timestamp)
  AND SpanKind IN ('Server', 'Consumer')
  AND NOT startsWith(ServiceName, 'tocsin-')
  AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)
  AND $__conditionalAll(SpanName IN (${operation:singlequote}), $operation)
GROUP BY time, service
ORDER BY time, service
