WITH
  (
    SELECT groupArray((LogAttributes['tocsin.deployment.service'], LogAttributes['tocsin.deployment.version'], LogAttributes['tocsin.deployment.environment'], Timestamp))
    FROM otel_logs
    WHERE ServiceName = 'tocsin-deployments' AND EventName = 'tocsin.deployment'
      AND Timestamp >= $__fromTime - INTERVAL 1 HOUR AND Timestamp <= $__toTime + INTERVAL 1 HOUR
  ) AS marks
SELECT time, title, text, tags
FROM (
  WITH deployed AS ServiceName
  SELECT
    toDateTime(at) AS time,
    concat('Deployment: ', ServiceName) AS title,
    concat(
      ServiceName, ' ', version,
      if(environment = '', '', concat(' in ', environment)),
      if(actor = '', '', concat(', said by ', actor)),
      if(note = '', '', concat(': ', note)),
      if(url = '', '', concat(' ', url))
    ) AS text,
    ServiceName AS tags
  FROM (
    SELECT
      LogAttributes['tocsin.deployment.service'] AS deployed,
      LogAttributes['tocsin.deployment.version'] AS version,
      LogAttributes['tocsin.deployment.environment'] AS environment,
      LogAttributes['tocsin.deployment.actor'] AS actor,
      LogAttributes['tocsin.deployment.note'] AS note,
      LogAttributes['tocsin.deployment.url'] AS url,
      Timestamp AS at
    FROM otel_logs
    WHERE ServiceName = 'tocsin-deployments' AND EventName = 'tocsin.deployment' AND $__timeFilter(Timestamp)
  ) AS marked
  WHERE @{deployed}
  UNION ALL
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
    -- What was marked within an hour of it is told by its mark.
    AND NOT arrayExists(mark -> mark.1 = service AND mark.2 = version AND (mark.3 = '' OR mark.3 = environment)
      AND abs(dateDiff('second', mark.4, first_seen)) <= 3600, marks)
)
ORDER BY time
LIMIT 500
