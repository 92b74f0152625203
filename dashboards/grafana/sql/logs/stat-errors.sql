SELECT sumIf(Records, @{level} IN ('error', 'fatal')) AS errors
FROM otel_logs_1m
WHERE @{minutes}
  AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)
  AND $__conditionalAll(@{level} IN (${level:singlequote}), $level)
