SELECT
  MonitorName AS monitor,
  State AS state,
  nullIf(DownTime, toDateTime64(0, 9)) AS down_since,
  arrayStringConcat(DownAt, ', ') AS down_at,
  arrayStringConcat(arrayConcat(UnknownAt, SilentAt), ', ') AS unknown_at,
  MutedBy AS muted_by,
  Target AS target
FROM tocsin_monitor_verdicts(at = $__toTime)
WHERE State != 'up'
ORDER BY indexOf(['down', 'degraded', 'unknown'], state), monitor
LIMIT 200
