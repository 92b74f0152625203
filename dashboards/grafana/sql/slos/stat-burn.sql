SELECT if(count() = 0, NULL, max(newest)) AS burn_rate
FROM (
  SELECT argMax(Value, TimeUnix) AS newest
  FROM otel_metrics_gauge
  WHERE $__timeFilter(TimeUnix)
    AND TimeUnix > $__toTime - 600
    AND ServiceName = 'tocsin-alerting'
    AND MetricName = 'tocsin.alerting.slo.burn_rate'
    AND Attributes['window'] = '1h'
    AND $__conditionalAll(Attributes['slo'] IN (${slo:singlequote}), $slo)
  GROUP BY Attributes['slo']
)
