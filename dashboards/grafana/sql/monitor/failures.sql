SELECT
  Timestamp AS time,
  ResourceAttributes['tocsin.location'] AS location,
  SpanAttributes['tocsin.probe.outcome'] AS outcome,
  SpanAttributes['tocsin.probe.reason'] AS reason,
  SpanAttributes['tocsin.probe.message'] AS message,
  SpanAttributes['http.response.status_code'] AS status,
  SpanAttributes['tocsin.probe.step'] AS step,
  SpanAttributes['tocsin.probe.attempt'] AS attempt,
  Duration / 1e9 AS duration,
  SpanAttributes['network.peer.address'] AS peer,
  SpanAttributes['tocsin.probe.evidence.body'] AS evidence,
  TraceId AS trace
FROM otel_traces
WHERE $__timeFilter(Timestamp)
  AND ServiceName = 'tocsin-checker'
  AND SpanName IN (arrayMap(name -> concat('probe ', name), [${monitor:singlequote}]))
  AND ParentSpanId = ''
  AND SpanAttributes['tocsin.probe.outcome'] != 'up'
ORDER BY Timestamp DESC
LIMIT 100
