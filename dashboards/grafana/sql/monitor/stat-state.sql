SELECT toInt8(indexOf(['down', 'degraded', 'up'], State)) AS state
FROM tocsin_monitor_verdicts(at = $__toTime)
WHERE MonitorName IN (${monitor:singlequote})
LIMIT 1
