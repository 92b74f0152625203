-- The last ninety days (UTC, with today), whatever the time range of the dashboard.
SELECT
  Time AS time,
  sumIf(Runs, Outcome != 'down') / sum(Runs) AS availability
FROM tocsin_probe_runs_1d
WHERE Time > today() - 90
  AND MonitorName IN (${monitor:singlequote})
  AND Outcome != 'unknown'
  AND NOT IsExcluded
GROUP BY time
ORDER BY time
