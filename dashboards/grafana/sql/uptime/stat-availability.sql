SELECT
  if(sum(judged) = 0, NULL, sum(passed) / sum(judged)) AS availability
FROM (
  SELECT
    sumIf(Value, Attributes['tocsin.probe.outcome'] IN ('up', 'degraded')) AS passed,
    sumIf(Value, Attributes['tocsin.probe.outcome'] IN ('up', 'degraded', 'down')) AS judged
  FROM otel_metrics_sum
  WHERE $__timeFilter(TimeUnix)
    AND dateDiff('hour', $__fromTime, $__toTime) < 48
    AND ServiceName = 'tocsin-checker'
    AND MetricName = 'tocsin.probe.runs'
    AND Attributes['tocsin.probe.excluded'] != 'true'
    AND $__conditionalAll(Attributes['tocsin.monitor.name'] IN (${monitor:singlequote}), $monitor)
  UNION ALL
  SELECT
    toFloat64(sumIf(Runs, Outcome IN ('up', 'degraded'))) AS passed,
    toFloat64(sumIf(Runs, Outcome IN ('up', 'degraded', 'down'))) AS judged
  FROM tocsin_probe_runs_1h
  WHERE $__timeFilter(Time)
    AND dateDiff('hour', $__fromTime, $__toTime) >= 48
    AND NOT IsExcluded
    AND $__conditionalAll(MonitorName IN (${monitor:singlequote}), $monitor)
)
