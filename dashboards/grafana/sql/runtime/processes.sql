-- The processes that have told of themselves, from the last two minutes of one metric of each runtime.
SELECT
  ServiceName AS service,
  coalesce(nullIf(ResourceAttributes['service.instance.id'], ''), nullIf(ResourceAttributes['k8s.pod.name'], ''), ResourceAttributes['host.name']) AS instance,
  any(ResourceAttributes['service.version']) AS version,
  any(ResourceAttributes['telemetry.sdk.language']) AS language,
  any(concat(ResourceAttributes['process.runtime.name'], ' ', ResourceAttributes['process.runtime.version'])) AS runtime,
  any(ResourceAttributes['host.name']) AS host,
  max(TimeUnix) AS last_told
FROM (
  SELECT ServiceName, ResourceAttributes, TimeUnix
  FROM otel_metrics_gauge
  WHERE $__timeFilter(TimeUnix)
    AND TimeUnix > $__toTime - 120
    AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)
    AND NOT startsWith(ServiceName, 'tocsin-')
    AND MetricName IN ('nodejs.eventloop.utilization')
  UNION ALL
  SELECT ServiceName, ResourceAttributes, TimeUnix
  FROM otel_metrics_sum
  WHERE $__timeFilter(TimeUnix)
    AND TimeUnix > $__toTime - 120
    AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)
    AND NOT startsWith(ServiceName, 'tocsin-')
    AND MetricName IN ('jvm.thread.count', 'go.goroutine.count', 'process.memory.usage')
)
GROUP BY service, instance
ORDER BY service, instance
LIMIT 500
