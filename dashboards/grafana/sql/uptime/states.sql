SELECT time, monitor, multiIf(downs * 2 > voices, 0, downs * 2 = voices, 0.5, 1) AS up
FROM (
  SELECT
    time,
    monitor,
    -- Those that another monitor explains do not vote, unless there are no others.
    if(countIf(NOT is_explained) > 0, countIf(NOT is_explained), count()) AS voices,
    if(countIf(NOT is_explained) > 0, countIf(is_down AND NOT is_explained), countIf(is_down)) AS downs
  FROM (
    SELECT
      -- Every location tells every 30 s: in a shorter interval some would be missing.
      toStartOfInterval(TimeUnix, toIntervalSecond(greatest(60, $__interval_s))) AS time,
      Attributes['tocsin.monitor.name'] AS monitor,
      min(Value) = 0 AS is_down,
      max(Attributes['tocsin.monitor.suppressed_by']) != '' AS is_explained
    FROM otel_metrics_gauge
    WHERE $__timeFilter(TimeUnix)
      AND ServiceName = 'tocsin-checker'
      AND MetricName = 'tocsin.monitor.up'
      AND Attributes['tocsin.monitor.state'] != 'unknown'
      AND $__conditionalAll(Attributes['tocsin.monitor.name'] IN (${monitor:singlequote}), $monitor)
    GROUP BY time, monitor, ResourceAttributes['tocsin.location']
  )
  WHERE time >= $__fromTime AND time <= $__toTime - greatest(60, $__interval_s)
  GROUP BY time, monitor
)
ORDER BY time, monitor
