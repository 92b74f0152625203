WITH quantileExactWeighted(0.99)(DurationBucket, Requests) AS bucket
SELECT if(count() = 0, NULL, @{seconds bucket}) AS p99
FROM otel_traces_service_1m
WHERE @{minutes}
  AND SpanKind IN ('Server', 'Consumer')
  AND NOT startsWith(ServiceName, 'tocsin-')
  AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)
