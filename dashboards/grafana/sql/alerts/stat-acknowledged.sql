-- Of the incidents that began in the time range; the mean. From its beginning on, as `GET /api/v1/oncall/mean-times`.
SELECT if(countIf(ended >= begun) = 0, NULL, avgIf(dateDiff('second', begun, ended), ended >= begun)) AS seconds
FROM (
  SELECT
    minIf(Timestamp, EventName = 'tocsin.incident.fired') AS begun,
    minIf(Timestamp, EventName = 'tocsin.incident.acknowledged') AS ended
  FROM otel_logs
  WHERE $__timeFilter(Timestamp)
    AND ServiceName = 'tocsin-alerting'
    AND startsWith(EventName, 'tocsin.incident.')
    AND $__conditionalAll(LogAttributes['tocsin.incident.receiver'] IN (${receiver:singlequote}), $receiver)
    AND $__conditionalAll(LogAttributes['tocsin.incident.severity'] IN (${severity:singlequote}), $severity)
  GROUP BY LogAttributes['tocsin.incident.id']
  HAVING begun > toDateTime64(0, 9)
)
