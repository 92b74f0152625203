SELECT
  @{time} AS time,
  @{level} AS level,
  sum(Records) AS records
FROM otel_logs_1m
WHERE @{minutes}
  AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)
  AND $__conditionalAll(@{level} IN (${level:singlequote}), $level)
GROUP BY time, level
ORDER BY time, level
