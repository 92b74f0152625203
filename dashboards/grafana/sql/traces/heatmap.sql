-- Buckets of whole powers of two. Their upper bounds are of one width, so that they come in their order where they are sorted as text.
SELECT
  @{time} AS time,
  printf('%012.6f', exp2(greatest(intDiv(DurationBucket, 8), 9) + 1) / 1e9) AS le,
  sum(Requests) AS spans
FROM otel_traces_service_1m
WHERE @{minutes}
  AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)
  AND $__conditionalAll(SpanName IN (${operation:singlequote}), $operation)
  AND $__conditionalAll(SpanKind IN (${kind:singlequote}), $kind)
GROUP BY time, le
ORDER BY time, le
