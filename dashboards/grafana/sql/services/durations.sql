WITH quantilesExactWeighted(0.5, 0.95, 0.99)(DurationBucket, Requests) AS buckets
SELECT
  @{time} AS time,
  @{seconds buckets[1]} AS p50,
  @{seconds buckets[2]} AS p95,
  @{seconds buckets[3]} AS p99
FROM otel_traces_service_1m
WHERE @{minutes}
  AND SpanKind IN ('Server', 'Consumer')
  AND NOT startsWith(ServiceName, 'tocsin-')
  AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)
  AND $__conditionalAll(SpanName IN (${operation:singlequote}), $operation)
GROUP BY time
ORDER BY time
