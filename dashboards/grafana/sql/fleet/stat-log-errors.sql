SELECT sum(Records) / @{range} * 60 AS records
FROM otel_logs_1m
WHERE @{minutes}
  AND SeverityNumber >= 17
  AND NOT startsWith(ServiceName, 'tocsin-')
  AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)
