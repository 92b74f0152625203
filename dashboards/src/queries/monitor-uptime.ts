import { durationOfBucket } from './duration-sketch.ts';
import type { Statement } from './statement-types.ts';

/** How often the runs of a monitor found it working (up or degraded) and down over a stretch of time, all locations together. */
export interface MonitorUptimeRow {
  /** 1 (24 hours), 7, 30, 90 or 365. A stretch without a run that says anything has no row. */
  readonly days: number;
  readonly passed: number;
  readonly failed: number;
  /** Percentiles of the runs that were not down, in ms; `null` where there is none. */
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  readonly p99_ms: number | null;
}

const percentile = (level: number): string =>
  `if(empty(below), NULL, ${durationOfBucket(`buckets[arrayFirstIndex(runs -> runs >= ${level} * below[-1], below)]`)} / 1e6)`;

/**
 * Uptime of one monitor from the rollups: the 24 hours of those that began in the last 24 and the one that runs, the rest of days of UTC with today. Unknown
 * runs say nothing of the target; those of a maintenance that availability leaves out are not counted.
 */
export const monitorUptime: Statement<{ monitor: string; now_ms: number }, MonitorUptimeRow> = {
  name: 'monitor_uptime',
  sql: `
    WITH fromUnixTimestamp64Milli({now_ms:Int64}) AS now
    SELECT
      days,
      toFloat64(sumIf(Runs, Outcome != 'down')) AS passed,
      toFloat64(sumIf(Runs, Outcome = 'down')) AS failed,
      ${percentile(0.5)} AS p50_ms,
      ${percentile(0.95)} AS p95_ms,
      ${percentile(0.99)} AS p99_ms,
      sumMapIf(DurationBuckets, Outcome != 'down') AS sketch,
      mapKeys(sketch) AS buckets,
      arrayCumSum(mapValues(sketch)) AS below
    FROM (
      SELECT arrayJoin(arrayFilter(length -> Time > toStartOfDay(now) - toIntervalDay(length), [7, 30, 90, 365])) AS days,
        Outcome, Runs, DurationBuckets
      FROM tocsin_probe_runs_1d
      WHERE MonitorName = {monitor:String} AND Time > toStartOfDay(now) - INTERVAL 365 DAY AND Time <= now
        AND Outcome != 'unknown' AND NOT IsExcluded
      UNION ALL
      SELECT 1 AS days, Outcome, Runs, DurationBuckets
      FROM tocsin_probe_runs_1h
      WHERE MonitorName = {monitor:String} AND Time > now - INTERVAL 24 HOUR AND Time <= now
        AND Outcome != 'unknown' AND NOT IsExcluded
    )
    GROUP BY days
    ORDER BY days`,
};
