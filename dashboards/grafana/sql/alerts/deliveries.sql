SELECT
  Timestamp AS time,
  SpanAttributes['tocsin.alerting.channel'] AS channel,
  SpanAttributes['tocsin.alerting.outcome'] AS outcome,
  SpanAttributes['error.type'] AS reason,
  StatusMessage AS message,
  SpanAttributes['tocsin.alerting.notification.cause'] AS cause,
  toUInt32OrZero(SpanAttributes['tocsin.alerting.attempt']) AS attempt,
  Duration / 1e9 AS duration,
  TraceId AS trace
FROM otel_traces
WHERE $__timeFilter(Timestamp)
  AND ServiceName = 'tocsin-alerting'
  AND startsWith(SpanName, 'deliver ')
ORDER BY outcome != 'ok' DESC, Timestamp DESC
LIMIT 200
