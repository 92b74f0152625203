SELECT DISTINCT Value AS service
FROM otel_known_values
WHERE Signal = 'metrics'
  AND Source = 'resource'
  AND Name IN ('nodejs.eventloop.utilization', 'nodejs.eventloop.delay.p99', 'jvm.memory.used', 'go.memory.used', 'process.memory.usage')
  AND Key = 'service.name'
  AND Date >= toDate($__fromTime)
  AND Date <= toDate($__toTime)
  AND NOT startsWith(Value, 'tocsin-')
ORDER BY service
LIMIT 1000
