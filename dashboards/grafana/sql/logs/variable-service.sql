SELECT DISTINCT ServiceName
FROM otel_logs_1m
WHERE @{minutes}
  AND ServiceName != ''
ORDER BY ServiceName
LIMIT 1000
