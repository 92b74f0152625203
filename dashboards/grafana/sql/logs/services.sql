SELECT
  ServiceName AS service,
  sum(Records) AS records,
  sumIf(Records, @{level} = 'warn') AS warnings,
  sumIf(Records, @{level} IN ('error', 'fatal')) AS errors,
  errors / records AS share
FROM otel_logs_1m
WHERE @{minutes}
  AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)
  AND $__conditionalAll(@{level} IN (${level:singlequote}), $level)
GROUP BY service
ORDER BY errors DESC, records DESC
LIMIT 200
