SELECT
  MonitorName AS monitor,
  if(State = 'unknown' AND empty(places), 'never probed', State) AS state,
  MutedBy AS muted_by,
  if(length(Locations) + length(SilentAt) < 2, '', arrayStringConcat(arrayFilter(text -> text != '', [
    if(empty(DownAt), '', concat('down at ', arrayStringConcat(DownAt, ', '))),
    if(empty(UpAt), '', concat('up at ', arrayStringConcat(UpAt, ', '))),
    if(empty(UnknownAt), '', concat('unknown at ', arrayStringConcat(UnknownAt, ', '))),
    if(empty(SilentAt), '', concat('silent: ', arrayStringConcat(SilentAt, ', ')))
  ]), ' · ')) AS locations,
  nullIf(last.2, toDateTime64(0, 9)) AS last_run,
  last.3 AS reason,
  last.4 AS message,
  if(judged = 0, NULL, passed / judged) AS availability,
  if(empty(places), NULL, durations[1] / 1e9) AS p50,
  if(empty(places), NULL, durations[2] / 1e9) AS p95,
  IntervalS AS interval,
  Target AS target,
  last.5 AS trace
FROM (
  SELECT
    *,
    -- The newest run of those that say what all are held to say; else of any.
    arrayMap(told -> told.1, arrayFilter(told -> told.2 = State, Locations)) AS agreeing,
    arraySort(place -> (has(agreeing, place.1), place.2), seen.places)[-1] AS last
  FROM tocsin_monitor_verdicts(at = $__toTime) AS verdicts
  LEFT JOIN (
    SELECT
      monitor,
      groupArray((location, last_at, newest.1, newest.2, newest.3)) AS places,
      sum(passed) AS passed,
      sum(judged) AS judged,
      quantilesMerge(0.5, 0.95)(durations) AS durations
    FROM (
      SELECT
        SpanAttributes['tocsin.monitor.name'] AS monitor,
        ResourceAttributes['tocsin.location'] AS location,
        max(Timestamp) AS last_at,
        argMax((SpanAttributes['tocsin.probe.reason'], SpanAttributes['tocsin.probe.message'], TraceId), Timestamp) AS newest,
        countIf(SpanAttributes['tocsin.probe.outcome'] IN ('up', 'degraded') AND SpanAttributes['tocsin.probe.excluded'] != 'true') AS passed,
        countIf(SpanAttributes['tocsin.probe.outcome'] IN ('up', 'degraded', 'down') AND SpanAttributes['tocsin.probe.excluded'] != 'true') AS judged,
        quantilesState(0.5, 0.95)(Duration) AS durations
      FROM otel_traces
      WHERE $__timeFilter(Timestamp)
        AND ServiceName = 'tocsin-checker'
        AND startsWith(SpanName, 'probe ')
        AND ParentSpanId = ''
        AND $__conditionalAll(SpanAttributes['tocsin.monitor.name'] IN (${monitor:singlequote}), $monitor)
      GROUP BY monitor, location
    )
    GROUP BY monitor
  ) AS seen ON seen.monitor = MonitorName
  WHERE $__conditionalAll(MonitorName IN (${monitor:singlequote}), $monitor)
)
ORDER BY indexOf(['down', 'degraded', 'unknown', 'never probed', 'up'], state), monitor
LIMIT 1000
