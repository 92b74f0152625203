SELECT if(total = 0, NULL, free / total) AS free_share
FROM (
  SELECT
    argMaxIf(Value, TimeUnix, MetricName = 'tocsin.collector.disk.free') AS free,
    argMaxIf(Value, TimeUnix, MetricName = 'tocsin.collector.disk.total') AS total
  FROM otel_metrics_gauge
  WHERE $__timeFilter(TimeUnix)
    AND ServiceName = 'tocsin-collector'
    AND MetricName IN ('tocsin.collector.disk.free', 'tocsin.collector.disk.total')
)
