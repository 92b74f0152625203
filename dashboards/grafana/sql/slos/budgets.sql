SELECT
  $__timeInterval(TimeUnix) AS time,
  Attributes['slo'] AS slo,
  min(Value) AS budget_left
FROM otel_metrics_gauge
WHERE $__timeFilter(TimeUnix)
  AND ServiceName = 'tocsin-alerting'
  AND MetricName = 'tocsin.alerting.slo.budget.remaining'
  AND $__conditionalAll(Attributes['slo'] IN (${slo:singlequote}), $slo)
GROUP BY time, slo
ORDER BY time, slo
