SELECT count() AS monitors
FROM tocsin_monitor_verdicts(at = $__toTime)
WHERE $__conditionalAll(MonitorName IN (${monitor:singlequote}), $monitor)
