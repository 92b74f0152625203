import type { Statement } from './statement-types.ts';

/** What the runs of a monitor found on each day, all locations together. */
export interface MonitorDaysRow {
  readonly monitor: string;
  /** Days of UTC with a run that says something of the target, the oldest first: the day's begin in Unix ms, runs up or degraded, runs down. */
  readonly days: readonly (readonly [dayMs: number, passed: number, failed: number])[];
}

/** The days of every monitor in `[since, now]`, from the rollup. Unknown runs say nothing; those of an excluded maintenance are not counted. */
export const monitorDays: Statement<{ since_ms: number; now_ms: number }, MonitorDaysRow> = {
  name: 'monitor_days',
  sql: `
    SELECT monitor, arraySort(groupArray((toFloat64(toUnixTimestamp(day)) * 1000, passed, failed))) AS days
    FROM (
      SELECT
        MonitorName AS monitor,
        Time AS day,
        toFloat64(sumIf(Runs, Outcome IN ('up', 'degraded'))) AS passed,
        toFloat64(sumIf(Runs, Outcome = 'down')) AS failed
      FROM tocsin_probe_runs_1d
      WHERE Time >= fromUnixTimestamp64Milli({since_ms:Int64})
        AND Time <= fromUnixTimestamp64Milli({now_ms:Int64})
        AND NOT IsExcluded
      GROUP BY monitor, day
      HAVING passed + failed > 0
    )
    GROUP BY monitor
    LIMIT 10000`,
};
