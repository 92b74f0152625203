import { durationOfBucket } from './duration-sketch.ts';
import type { Statement } from './statement-types.ts';

/** Runs of a day of UTC: when it began (Unix seconds), how many found it up, degraded and down, and how many availability leaves out. */
export type DayRuns = readonly [atS: number, up: number, degraded: number, down: number, excluded: number];
/** Response times of an hour: when it began (Unix seconds), p50 and p95 of the runs that were not down and have a duration, in ms. */
export type HourTimes = readonly [atS: number, p50Ms: number, p95Ms: number];

/** One part of what is known of a monitor; the others are empty in it. */
export interface StatusRow {
  readonly monitor: string;
  /** Of `tocsin_monitor_verdicts`; empty in the other parts. */
  readonly state: string;
  readonly muted_by: string;
  /** Of the last 90 days, today with them; in their order. */
  readonly days: readonly DayRuns[];
  /** Of the last seven days, in their order. */
  readonly hours: readonly HourTimes[];
}

/** Days of the bars and hours of the chart. */
export const STATUS_DAYS = 90;
export const STATUS_HOURS = 7 * 24;

const percentile = (level: number): string =>
  `round(${durationOfBucket(`buckets[arrayFirstIndex(runs -> runs >= ${level} * below[-1], below)]`)} / 1e6, 1)`;

/**
 * All that the status page shows of its monitors, in one statement: verdicts, days and hours (docs/decisions/0021). Neither
 * targets nor reasons are in it.
 */
export const statusRows: Statement<{ monitors: readonly string[]; now_ms: number }, StatusRow> = {
  name: 'status_rows',
  sql: `
    WITH fromUnixTimestamp64Milli({now_ms:Int64}) AS now
    SELECT
      toString(MonitorName) AS monitor,
      toString(State) AS state,
      toString(MutedBy) AS muted_by,
      CAST([], 'Array(Tuple(UInt32, Float64, Float64, Float64, Float64))') AS days,
      CAST([], 'Array(Tuple(UInt32, Float64, Float64))') AS hours
    FROM tocsin_monitor_verdicts(at = fromUnixTimestamp64Milli({now_ms:Int64}))
    WHERE MonitorName IN {monitors:Array(String)}
    UNION ALL
    SELECT
      toString(MonitorName),
      '',
      '',
      arraySort(groupArray((toUInt32(Time), toFloat64(up), toFloat64(degraded), toFloat64(down), toFloat64(excluded)))),
      []
    FROM (
      SELECT
        MonitorName,
        Time,
        sumIf(Runs, Outcome = 'up' AND NOT IsExcluded) AS up,
        sumIf(Runs, Outcome = 'degraded' AND NOT IsExcluded) AS degraded,
        sumIf(Runs, Outcome = 'down' AND NOT IsExcluded) AS down,
        sumIf(Runs, IsExcluded) AS excluded
      FROM tocsin_probe_runs_1d
      WHERE MonitorName IN {monitors:Array(String)}
        AND Time > toStartOfDay(now) - INTERVAL ${STATUS_DAYS} DAY AND Time <= now
      GROUP BY MonitorName, Time
    )
    GROUP BY MonitorName
    UNION ALL
    SELECT
      toString(MonitorName),
      '',
      '',
      [],
      arraySort(groupArray((toUInt32(Time), ${percentile(0.5)}, ${percentile(0.95)})))
    FROM (
      SELECT MonitorName, Time, sumMap(mapFilter((bucket, runs) -> bucket >= 0, DurationBuckets)) AS sketch, mapKeys(sketch) AS buckets, arrayCumSum(mapValues(sketch)) AS below
      FROM tocsin_probe_runs_1h
      WHERE MonitorName IN {monitors:Array(String)} AND Outcome IN ('up', 'degraded')
        AND Time > now - INTERVAL ${STATUS_HOURS} HOUR AND Time <= now
      GROUP BY MonitorName, Time
      HAVING notEmpty(below)
    )
    GROUP BY MonitorName`,
};
