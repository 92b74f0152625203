WITH quantiles(0.5, 0.95, 0.99)(Duration) AS durations
SELECT
  $__timeInterval(Timestamp) AS time,
  durations[1] / 1e9 AS p50,
  durations[2] / 1e9 AS p95,
  durations[3] / 1e9 AS p99
FROM otel_traces
WHERE $__timeFilter(Timestamp)
  AND SpanKind IN ('Server', 'Consumer')
  AND NOT startsWith(ServiceName, 'tocsin-')
  AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)
  AND $__conditionalAll(SpanName IN (${operation:singlequote}), $operation)
GROUP BY time
ORDER BY time
