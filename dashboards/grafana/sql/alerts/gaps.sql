SELECT
  Attributes['schedule'] AS schedule,
  argMax(Value, TimeUnix) AS nobody_on_call,
  max(TimeUnix) AS said
FROM otel_metrics_gauge
WHERE $__timeFilter(TimeUnix)
  AND TimeUnix > $__toTime - 120
  AND ServiceName = 'tocsin-alerting'
  AND MetricName = 'tocsin.alerting.oncall.gap'
GROUP BY schedule
ORDER BY nobody_on_call DESC, schedule
LIMIT 200
