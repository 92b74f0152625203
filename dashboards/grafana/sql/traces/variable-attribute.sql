SELECT DISTINCT Key
FROM otel_known_values
WHERE Signal = 'traces'
  AND Date >= toDate($__fromTime)
  AND Date <= toDate($__toTime)
ORDER BY Key
LIMIT 1000
