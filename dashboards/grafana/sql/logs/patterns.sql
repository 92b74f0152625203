-- Of the last 5,000 warnings and errors, or a few more: those of whole minutes. Numbers and long hexadecimal words are left out of what is compared.
WITH
  (
    SELECT min(minute)
    FROM (
      SELECT Time AS minute, sum(sumIf(Records, Time + 60 <= $__toTime)) OVER (ORDER BY Time DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS newer
      FROM otel_logs_1m
      WHERE @{minutes}
        AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)
        AND SeverityNumber >= 13
      GROUP BY minute
    )
    WHERE newer < 5000
  ) AS last_minutes
SELECT
  replaceRegexpAll(substringUTF8(Body, 1, 300), '[0-9a-fA-F]{8,}|[0-9]+', '#') AS pattern,
  ServiceName AS service,
  argMax(@{level}, Timestamp) AS level,
  count() AS records,
  max(Timestamp) AS last_time,
  argMax(Body, Timestamp) AS last_body,
  argMax(TraceId, Timestamp) AS trace
FROM otel_logs
WHERE $__timeFilter(Timestamp)
  AND Timestamp >= ifNull(last_minutes, $__fromTime)
  AND SeverityNumber >= 13
  AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)
GROUP BY pattern, service
ORDER BY records DESC
LIMIT 100
