SELECT
  told.MonitorName AS monitor,
  told.location AS location,
  told.state AS state,
  told.muted_by AS muted_by,
  nullIf(runs.last_at, toDateTime64(0, 9)) AS last_run,
  runs.reason AS reason,
  runs.message AS message,
  runs.trace AS trace
FROM (
  SELECT
    MonitorName,
    one.1 AS location,
    -- One that has told nothing while the others have, and one that has told nothing for two minutes, is silent.
    multiIf(one.6 <= $__toTime - 120, 'silent', one.2 = '', 'unknown', one.2) AS state,
    one.4 AS muted_by
  FROM (
    SELECT
      MonitorName,
      arrayJoin(arrayConcat(
        arrayMap(told -> (told.1, told.2, told.3, told.4, told.5, told.6), Locations),
        arrayMap(name -> (name, '', toUInt8(0), '', '', toDateTime64(0, 9)), SilentAt)
      )) AS one
    FROM tocsin_monitor_verdicts(at = $__toTime)
    WHERE $__conditionalAll(MonitorName IN (${monitor:singlequote}), $monitor)
  )
) AS told
LEFT JOIN (
  SELECT
    SpanAttributes['tocsin.monitor.name'] AS monitor,
    ResourceAttributes['tocsin.location'] AS location,
    max(Timestamp) AS last_at,
    argMax(SpanAttributes['tocsin.probe.reason'], Timestamp) AS reason,
    argMax(SpanAttributes['tocsin.probe.message'], Timestamp) AS message,
    argMax(TraceId, Timestamp) AS trace
  FROM otel_traces
  WHERE $__timeFilter(Timestamp)
    AND ServiceName = 'tocsin-checker'
    AND startsWith(SpanName, 'probe ')
    AND ParentSpanId = ''
    AND $__conditionalAll(SpanAttributes['tocsin.monitor.name'] IN (${monitor:singlequote}), $monitor)
  GROUP BY monitor, location
) AS runs ON runs.monitor = told.MonitorName AND runs.location = told.location
ORDER BY indexOf(['down', 'degraded', 'unknown', 'silent', 'up'], state), monitor, location
LIMIT 2000
