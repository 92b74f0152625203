WITH (SELECT (min(Start), max(End) + 1) FROM otel_traces_trace_id_ts WHERE TraceId = ${trace_id:singlequote}) AS bounds
SELECT
  TraceId AS traceID,
  SpanId AS spanID,
  ParentSpanId AS parentSpanID,
  ServiceName AS serviceName,
  SpanName AS operationName,
  toUnixTimestamp64Nano(Timestamp) / 1e6 AS startTime,
  Duration / 1e6 AS duration,
  arrayMap((key, value) -> map('key', key, 'value', value), mapKeys(SpanAttributes), mapValues(SpanAttributes)) AS tags,
  arrayMap(
    (key, value) -> map('key', key, 'value', value),
    mapKeys(ResourceAttributes),
    mapValues(ResourceAttributes)
  ) AS serviceTags,
  if(StatusCode = 'Error', 2, 0) AS statusCode,
  StatusMessage AS statusMessage,
  SpanKind AS kind
FROM otel_traces
WHERE TraceId = ${trace_id:singlequote}
  AND Timestamp >= bounds.1
  AND Timestamp <= bounds.2
ORDER BY Timestamp
