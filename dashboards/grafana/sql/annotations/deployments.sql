SELECT
  first_seen AS time,
  concat('Deployment: ', service) AS title,
  concat(
    service, ' ', version,
    if(environment = '', '', concat(' in ', environment)),
    if(before = '', ', the first version seen', concat(', before it ', before))
  ) AS text,
  service AS tags
FROM (
  SELECT
    ServiceName AS service,
    Environment AS environment,
    ServiceVersion AS version,
    toDateTime(min(FirstSeen)) AS first_seen,
    lagInFrame(version) OVER (PARTITION BY service, environment ORDER BY first_seen, version) AS before
  FROM otel_services
  WHERE ServiceVersion != ''
    AND @{deployed}
  GROUP BY service, environment, version
)
WHERE $__timeFilter(first_seen)
ORDER BY time
LIMIT 500
