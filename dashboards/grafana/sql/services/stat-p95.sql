WITH quantileExactWeighted(0.95)(DurationBucket, Requests) AS bucket
SELECT if(count() = 0, NULL, @{seconds bucket}) AS p95
FROM otel_traces_service_1m
WHERE @{minutes}
  AND SpanKind IN ('Server', 'Consumer')
  AND NOT startsWith(ServiceName, 'tocsin-')
  AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)
  AND $__conditionalAll(SpanName IN (${operation:singlequote}), $operation)
