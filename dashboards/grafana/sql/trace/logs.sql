SELECT
  Timestamp AS timestamp,
  Body AS body,
  SeverityText AS level,
  ServiceName AS service,
  TraceId AS trace,
  SpanId AS span
FROM otel_logs
WHERE $__timeFilter(Timestamp)
  AND TraceId = ${trace_id:singlequote}
ORDER BY Timestamp
LIMIT 1000
