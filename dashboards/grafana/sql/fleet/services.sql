SELECT
  seen.service AS service,
  seen.version AS version,
  seen.version_since AS version_since,
  asked.requests / @{range} AS rate,
  if(asked.requests = 0, NULL, asked.errors / asked.requests) AS errors,
  if(asked.requests = 0, NULL, @{seconds asked.buckets[1]}) AS p50,
  if(asked.requests = 0, NULL, @{seconds asked.buckets[2]}) AS p99,
  logged.errors / @{range} * 60 AS log_errors,
  seen.last_seen AS last_seen
FROM (
  SELECT
    ServiceName AS service,
    argMax(ServiceVersion, since) AS version,
    max(since) AS version_since,
    max(until) AS last_seen
  FROM (
    SELECT ServiceName, ServiceVersion, toDateTime(min(FirstSeen)) AS since, toDateTime(max(LastSeen)) AS until
    FROM otel_services
    WHERE NOT startsWith(ServiceName, 'tocsin-')
      AND ServiceName != ''
      AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)
    GROUP BY ServiceName, ServiceVersion
    HAVING since <= $__toTime
  )
  GROUP BY service
  HAVING last_seen >= $__fromTime
) AS seen
LEFT JOIN (
  SELECT
    ServiceName AS service,
    sum(Requests) AS requests,
    sum(Errors) AS errors,
    quantilesExactWeighted(0.5, 0.99)(DurationBucket, Requests) AS buckets
  FROM otel_traces_service_1m
  WHERE @{minutes}
    AND SpanKind IN ('Server', 'Consumer')
  GROUP BY service
) AS asked ON asked.service = seen.service
LEFT JOIN (
  SELECT ServiceName AS service, sum(Records) AS errors
  FROM otel_logs_1m
  WHERE @{minutes}
    AND SeverityNumber >= 17
  GROUP BY service
) AS logged ON logged.service = seen.service
ORDER BY errors DESC NULLS LAST, rate DESC, service
LIMIT 500
