import type { Statement } from './statement-types.ts';

/** A day (of UTC) of one monitor, all locations together. */
export interface MonitorOwnDaysRow {
  /** Its begin, Unix ms. */
  readonly day_ms: number;
  /** Runs that found it up or degraded, and down. */
  readonly passed: number;
  readonly failed: number;
  /** Runs that said nothing of the target. */
  readonly unknown: number;
  /** Runs in a maintenance that availability leaves out. */
  readonly excluded: number;
  /** The most frequent reason of those down; empty where there is none. */
  readonly reason: string;
}

/** The days of one monitor in `[since, now]`, from the rollup. */
export const monitorOwnDays: Statement<{ monitor: string; since_ms: number; now_ms: number }, MonitorOwnDaysRow> = {
  name: 'monitor_own_days',
  sql: `
    SELECT
      toFloat64(toUnixTimestamp(day)) * 1000 AS day_ms,
      toFloat64(sumIf(runs, outcome IN ('up', 'degraded') AND NOT excluded_run)) AS passed,
      toFloat64(sumIf(runs, outcome = 'down' AND NOT excluded_run)) AS failed,
      toFloat64(sumIf(runs, outcome = 'unknown' AND NOT excluded_run)) AS unknown,
      toFloat64(sumIf(runs, excluded_run)) AS excluded,
      argMaxIf(reason_word, runs, outcome = 'down' AND NOT excluded_run) AS reason
    FROM (
      SELECT Time AS day, Outcome AS outcome, Reason AS reason_word, IsExcluded AS excluded_run, sum(Runs) AS runs
      FROM tocsin_probe_runs_1d
      WHERE MonitorName = {monitor:String}
        AND Time >= fromUnixTimestamp64Milli({since_ms:Int64})
        AND Time <= fromUnixTimestamp64Milli({now_ms:Int64})
      GROUP BY day, outcome, reason_word, excluded_run
    )
    GROUP BY day
    ORDER BY day
    LIMIT 400`,
};
