SELECT count() AS services
FROM (
  SELECT ServiceName
  FROM otel_services
  WHERE NOT startsWith(ServiceName, 'tocsin-')
    AND ServiceName != ''
    AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)
  GROUP BY ServiceName
  HAVING max(LastSeen) >= $__fromTime AND min(FirstSeen) <= $__toTime
)
