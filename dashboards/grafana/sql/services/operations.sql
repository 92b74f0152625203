WITH quantilesExactWeighted(0.5, 0.95, 0.99)(DurationBucket, Requests) AS buckets
SELECT
  ServiceName AS service,
  SpanName AS operation,
  sum(Requests) AS requests,
  requests / @{range} AS rate,
  sum(Errors) / requests AS errors,
  @{seconds buckets[1]} AS p50,
  @{seconds buckets[2]} AS p95,
  @{seconds buckets[3]} AS p99
FROM otel_traces_service_1m
WHERE @{minutes}
  AND SpanKind IN ('Server', 'Consumer')
  AND NOT startsWith(ServiceName, 'tocsin-')
  AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)
  AND $__conditionalAll(SpanName IN (${operation:singlequote}), $operation)
GROUP BY service, operation
ORDER BY requests DESC
LIMIT 500
