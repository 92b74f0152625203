SELECT countIf(if(state = '', outcome, state) = 'down') AS failing
FROM (
  SELECT
    argMaxIf(SpanAttributes['tocsin.monitor.state'], Timestamp, SpanAttributes['tocsin.monitor.state'] != '') AS state,
    argMax(SpanAttributes['tocsin.probe.outcome'], Timestamp) AS outcome
  FROM otel_traces
  WHERE $__timeFilter(Timestamp)
    AND ServiceName = 'tocsin-checker'
    AND startsWith(SpanName, 'probe ')
    AND ParentSpanId = ''
    AND $__conditionalAll(SpanAttributes['tocsin.monitor.name'] IN (${monitor:singlequote}), $monitor)
  GROUP BY SpanAttributes['tocsin.monitor.name']
)
