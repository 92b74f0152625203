SELECT countIf(State = 'down' AND MutedBy = '') AS down
FROM tocsin_monitor_verdicts(at = $__toTime)
