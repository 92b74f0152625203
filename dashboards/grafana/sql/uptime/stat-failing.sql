SELECT countIf(State = 'down' AND MutedBy = '') AS failing
FROM tocsin_monitor_verdicts(at = $__toTime)
WHERE $__conditionalAll(MonitorName IN (${monitor:singlequote}), $monitor)
