SELECT
  $__timeInterval(TimeUnix) AS time,
  Attributes['slo'] AS slo,
  Attributes['window'] AS over,
  max(Value) AS burn_rate
FROM otel_metrics_gauge
WHERE $__timeFilter(TimeUnix)
  AND ServiceName = 'tocsin-alerting'
  AND MetricName = 'tocsin.alerting.slo.burn_rate'
  AND Attributes['window'] IN (@{windows})
  AND $__conditionalAll(Attributes['slo'] IN (${slo:singlequote}), $slo)
GROUP BY time, slo, over
ORDER BY time, slo, over
