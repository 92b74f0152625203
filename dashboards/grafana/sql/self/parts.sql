SELECT
  $__timeInterval(TimeUnix) AS time,
  Attributes['table'] AS table,
  max(Value) AS parts
FROM otel_metrics_gauge
WHERE $__timeFilter(TimeUnix)
  AND ServiceName = 'tocsin-collector'
  AND MetricName = 'tocsin.collector.table.partition_parts'
GROUP BY time, table
ORDER BY time, table
