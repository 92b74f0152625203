SELECT
  listed.monitor AS monitor,
  multiIf(runs.outcome = '', 'never probed', runs.confirmed = '', runs.outcome, runs.confirmed) AS state,
  nullIf(runs.last_at, toDateTime64(0, 9)) AS last_run,
  runs.reason AS reason,
  runs.message AS message,
  if(runs.judged = 0, NULL, runs.passed / runs.judged) AS availability,
  if(runs.outcome = '', NULL, runs.p50) AS p50,
  if(runs.outcome = '', NULL, runs.p95) AS p95,
  listed.interval_s AS interval,
  listed.target AS target,
  runs.trace AS trace
FROM (
  SELECT
    Attributes['tocsin.monitor.name'] AS monitor,
    any(Attributes['tocsin.monitor.target']) AS target,
    min(Value) AS interval_s
  FROM otel_metrics_gauge
  WHERE $__timeFilter(TimeUnix)
    AND ServiceName = 'tocsin-checker'
    AND MetricName = 'tocsin.monitor.interval'
    AND $__conditionalAll(Attributes['tocsin.monitor.name'] IN (${monitor:singlequote}), $monitor)
    AND (ResourceAttributes['tocsin.location'], TimeUnix) IN (
      SELECT ResourceAttributes['tocsin.location'], max(TimeUnix)
      FROM otel_metrics_gauge
      WHERE $__timeFilter(TimeUnix)
        AND ServiceName = 'tocsin-checker'
        AND MetricName = 'tocsin.monitor.interval'
      GROUP BY ResourceAttributes['tocsin.location']
    )
  GROUP BY monitor
) AS listed
LEFT JOIN (
  SELECT
    SpanAttributes['tocsin.monitor.name'] AS monitor,
    max(Timestamp) AS last_at,
    argMaxIf(SpanAttributes['tocsin.monitor.state'], Timestamp, SpanAttributes['tocsin.monitor.state'] != '') AS confirmed,
    argMax(SpanAttributes['tocsin.probe.outcome'], Timestamp) AS outcome,
    argMax(SpanAttributes['tocsin.probe.reason'], Timestamp) AS reason,
    argMax(SpanAttributes['tocsin.probe.message'], Timestamp) AS message,
    argMax(TraceId, Timestamp) AS trace,
    countIf(SpanAttributes['tocsin.probe.outcome'] IN ('up', 'degraded') AND SpanAttributes['tocsin.probe.excluded'] != 'true') AS passed,
    countIf(SpanAttributes['tocsin.probe.outcome'] IN ('up', 'degraded', 'down') AND SpanAttributes['tocsin.probe.excluded'] != 'true') AS judged,
    quantile(0.5)(Duration) / 1e9 AS p50,
    quantile(0.95)(Duration) / 1e9 AS p95
  FROM otel_traces
  WHERE $__timeFilter(Timestamp)
    AND ServiceName = 'tocsin-checker'
    AND startsWith(SpanName, 'probe ')
    AND ParentSpanId = ''
    AND $__conditionalAll(SpanAttributes['tocsin.monitor.name'] IN (${monitor:singlequote}), $monitor)
  GROUP BY monitor
) AS runs ON runs.monitor = listed.monitor
ORDER BY indexOf(['down', 'degraded', 'unknown', 'never probed', 'up'], state), monitor
LIMIT 1000
