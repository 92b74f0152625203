-- What alerting has counted last, within the last ten minutes of the time range.
SELECT
  Attributes['slo'] AS slo,
  argMaxIf(Value, TimeUnix, MetricName = 'tocsin.alerting.slo.target') AS target,
  if(total = 0, NULL, good / total) AS achieved,
  argMaxIf(Value, TimeUnix, MetricName = 'tocsin.alerting.slo.budget.remaining') AS budget_left,
  argMaxIf(Value, TimeUnix, MetricName = 'tocsin.alerting.slo.burn_rate' AND Attributes['window'] = '1h') AS burn_1h,
  argMaxIf(Value, TimeUnix, MetricName = 'tocsin.alerting.slo.burn_rate' AND Attributes['window'] = '6h') AS burn_6h,
  argMaxIf(Value, TimeUnix, MetricName = 'tocsin.alerting.slo.burn_rate' AND Attributes['window'] = '3d') AS burn_3d,
  argMaxIf(Value, TimeUnix, MetricName = 'tocsin.alerting.slo.good') AS good,
  argMaxIf(Value, TimeUnix, MetricName = 'tocsin.alerting.slo.total') AS total,
  max(TimeUnix) AS counted
FROM otel_metrics_gauge
WHERE $__timeFilter(TimeUnix)
  AND TimeUnix > $__toTime - 600
  AND ServiceName = 'tocsin-alerting'
  AND MetricName IN ('tocsin.alerting.slo.target', 'tocsin.alerting.slo.budget.remaining', 'tocsin.alerting.slo.burn_rate', 'tocsin.alerting.slo.good', 'tocsin.alerting.slo.total')
  AND $__conditionalAll(Attributes['slo'] IN (${slo:singlequote}), $slo)
GROUP BY slo
ORDER BY budget_left, slo
LIMIT 500
