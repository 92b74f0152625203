SELECT
  Timestamp AS time,
  ServiceName AS service,
  SpanName AS operation,
  SpanKind AS kind,
  multiIf(
    StatusMessage != '', StatusMessage,
    has(`Events.Name`, 'exception'),
    `Events.Attributes`[indexOf(`Events.Name`, 'exception')]['exception.message'],
    ''
  ) AS message,
  coalesce(
    nullIf(SpanAttributes['http.response.status_code'], ''),
    SpanAttributes['rpc.grpc.status_code']
  ) AS status,
  Duration / 1e9 AS duration,
  TraceId AS trace
FROM otel_traces
WHERE $__timeFilter(Timestamp)
  AND StatusCode = 'Error'
  AND NOT startsWith(ServiceName, 'tocsin-')
  AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)
  AND $__conditionalAll(SpanName IN (${operation:singlequote}), $operation)
ORDER BY Timestamp DESC
LIMIT 100
