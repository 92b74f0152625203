SELECT DISTINCT ServiceName
FROM otel_traces_service_1m
WHERE @{minutes}
  AND ServiceName != ''
ORDER BY ServiceName
LIMIT 1000
