SELECT
  monitor,
  if(judged_1 = 0, NULL, passed_1 / judged_1) AS `24h`,
  if(judged_7 = 0, NULL, passed_7 / judged_7) AS `7d`,
  if(judged_30 = 0, NULL, passed_30 / judged_30) AS `30d`,
  if(judged_90 = 0, NULL, passed_90 / judged_90) AS `90d`,
  if(judged_365 = 0, NULL, passed_365 / judged_365) AS `365d`,
  if(empty(below), NULL, pow(2, (buckets[arrayFirstIndex(runs -> runs >= 0.5 * below[-1], below)] + 0.5) / 8) / 1e9) AS p50,
  if(empty(below), NULL, pow(2, (buckets[arrayFirstIndex(runs -> runs >= 0.95 * below[-1], below)] + 0.5) / 8) / 1e9) AS p95,
  if(empty(below), NULL, pow(2, (buckets[arrayFirstIndex(runs -> runs >= 0.99 * below[-1], below)] + 0.5) / 8) / 1e9) AS p99
FROM (
  SELECT
    monitor,
    sumIf(Runs, Outcome != 'down' AND is_hour) AS passed_1,
    sumIf(Runs, is_hour) AS judged_1,
    sumIf(Runs, Outcome != 'down' AND NOT is_hour AND Time > today() - 7) AS passed_7,
    sumIf(Runs, NOT is_hour AND Time > today() - 7) AS judged_7,
    sumIf(Runs, Outcome != 'down' AND NOT is_hour AND Time > today() - 30) AS passed_30,
    sumIf(Runs, NOT is_hour AND Time > today() - 30) AS judged_30,
    sumIf(Runs, Outcome != 'down' AND NOT is_hour AND Time > today() - 90) AS passed_90,
    sumIf(Runs, NOT is_hour AND Time > today() - 90) AS judged_90,
    sumIf(Runs, Outcome != 'down' AND NOT is_hour AND Time > today() - 365) AS passed_365,
    sumIf(Runs, NOT is_hour AND Time > today() - 365) AS judged_365,
    sumMapIf(DurationBuckets, Outcome != 'down' AND NOT is_hour AND Time > today() - 30) AS sketch,
    mapKeys(sketch) AS buckets,
    arrayCumSum(mapValues(sketch)) AS below
  FROM (
    SELECT MonitorName AS monitor, Time, Outcome, Runs, DurationBuckets, false AS is_hour
    FROM tocsin_probe_runs_1d
    WHERE Time > today() - 365
      AND Outcome != 'unknown'
      AND NOT IsExcluded
      AND $__conditionalAll(MonitorName IN (${monitor:singlequote}), $monitor)
    UNION ALL
    SELECT MonitorName AS monitor, Time, Outcome, Runs, CAST(map(), 'Map(Int16, UInt64)') AS DurationBuckets, true AS is_hour
    FROM tocsin_probe_runs_1h
    WHERE Time > now() - INTERVAL 24 HOUR
      AND Outcome != 'unknown'
      AND NOT IsExcluded
      AND $__conditionalAll(MonitorName IN (${monitor:singlequote}), $monitor)
  )
  GROUP BY monitor
)
ORDER BY `30d`, monitor
LIMIT 1000
