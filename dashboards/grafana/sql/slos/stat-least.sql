SELECT if(count() = 0, NULL, min(newest)) AS budget_left
FROM (
  SELECT argMax(Value, TimeUnix) AS newest
  FROM otel_metrics_gauge
  WHERE $__timeFilter(TimeUnix)
    AND TimeUnix > $__toTime - 600
    AND ServiceName = 'tocsin-alerting'
    AND MetricName = 'tocsin.alerting.slo.budget.remaining'
    AND $__conditionalAll(Attributes['slo'] IN (${slo:singlequote}), $slo)
  GROUP BY Attributes['slo']
)
