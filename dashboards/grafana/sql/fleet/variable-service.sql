SELECT ServiceName
FROM otel_services
WHERE NOT startsWith(ServiceName, 'tocsin-')
  AND ServiceName != ''
GROUP BY ServiceName
HAVING max(LastSeen) >= $__fromTime AND min(FirstSeen) <= $__toTime
ORDER BY ServiceName
LIMIT 1000
