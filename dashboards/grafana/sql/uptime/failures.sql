SELECT
  Timestamp AS time,
  SpanAttributes['tocsin.monitor.name'] AS monitor,
  SpanAttributes['tocsin.probe.outcome'] AS outcome,
  SpanAttributes['tocsin.probe.reason'] AS reason,
  SpanAttributes['tocsin.probe.message'] AS message,
  SpanAttributes['http.response.status_code'] AS status,
  Duration / 1e9 AS duration,
  SpanAttributes['network.peer.address'] AS peer,
  TraceId AS trace
FROM otel_traces
WHERE $__timeFilter(Timestamp)
  AND ServiceName = 'tocsin-checker'
  AND startsWith(SpanName, 'probe ')
  AND ParentSpanId = ''
  AND $__conditionalAll(SpanAttributes['tocsin.monitor.name'] IN (${monitor:singlequote}), $monitor)
  AND SpanAttributes['tocsin.probe.outcome'] != 'up'
ORDER BY Timestamp DESC
LIMIT 200
