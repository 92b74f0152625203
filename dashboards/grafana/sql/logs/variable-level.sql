SELECT DISTINCT @{level} AS level
FROM otel_logs_1m
WHERE @{minutes}
ORDER BY level
LIMIT 100
