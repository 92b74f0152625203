-- The rollup knows in which minutes and operations the last errors were, so only spans of these are read.
WITH
  (
    SELECT min(minute)
    FROM (
      SELECT Time AS minute, sum(sumIf(Errors, Time + 60 <= $__toTime)) OVER (ORDER BY Time DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS newer
      FROM otel_traces_service_1m
      WHERE @{minutes}
        AND Errors > 0
        AND NOT startsWith(ServiceName, 'tocsin-')
        AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)
        AND $__conditionalAll(SpanName IN (${operation:singlequote}), $operation)
      GROUP BY minute
    )
    WHERE newer < 100
  ) AS first_minute
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
  AND Timestamp >= first_minute
  AND (ServiceName, SpanName) GLOBAL IN (
    SELECT DISTINCT ServiceName, SpanName
    FROM otel_traces_service_1m
    WHERE @{minutes}
      AND Time >= first_minute
      AND Errors > 0
  )
  AND StatusCode = 'Error'
  AND NOT startsWith(ServiceName, 'tocsin-')
  AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)
  AND $__conditionalAll(SpanName IN (${operation:singlequote}), $operation)
ORDER BY Timestamp DESC
LIMIT 100
