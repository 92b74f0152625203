-- The rollups do not know instances, so spans are read: of the last minute, and of the three busiest operations of each service.
SELECT
  ServiceName AS service,
  coalesce(
    nullIf(ResourceAttributes['service.instance.id'], ''),
    nullIf(ResourceAttributes['k8s.pod.name'], ''),
    nullIf(ResourceAttributes['host.name'], ''),
    ResourceAttributes['container.id']
  ) AS instance,
  any(ResourceAttributes['service.version']) AS version,
  any(ResourceAttributes['host.name']) AS host,
  any(ResourceAttributes['telemetry.sdk.language']) AS language,
  count() AS spans,
  countIf(StatusCode = 'Error') / spans AS errors,
  max(Timestamp) AS last_span
FROM otel_traces
WHERE $__timeFilter(Timestamp)
  AND Timestamp > $__toTime - 60
  AND NOT startsWith(ServiceName, 'tocsin-')
  AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)
  AND (ServiceName, SpanName) GLOBAL IN (
    SELECT ServiceName, SpanName
    FROM otel_traces_service_1m
    WHERE @{minutes}
      AND Time >= toStartOfMinute($__toTime - 60)
      AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)
    GROUP BY ServiceName, SpanName
    ORDER BY sum(Requests) DESC
    LIMIT 3 BY ServiceName
  )
GROUP BY service, instance
ORDER BY service, instance
LIMIT 500
