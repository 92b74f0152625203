SELECT
  Attributes['table'] AS table,
  if(argMaxIf(Value, TimeUnix, MetricName = 'tocsin.collector.retention.in_force') = 0, NULL, argMaxIf(Value, TimeUnix, MetricName = 'tocsin.collector.retention.in_force')) AS kept,
  argMaxIf(Value, TimeUnix, MetricName = 'tocsin.collector.retention.applied') AS as_configured,
  argMaxIf(Value, TimeUnix, MetricName = 'tocsin.collector.table.parts') AS parts
FROM otel_metrics_gauge
WHERE $__timeFilter(TimeUnix)
  AND TimeUnix > $__toTime - 120
  AND ServiceName = 'tocsin-collector'
  AND MetricName IN ('tocsin.collector.retention.in_force', 'tocsin.collector.retention.applied', 'tocsin.collector.table.parts')
GROUP BY table
ORDER BY table
LIMIT 200
