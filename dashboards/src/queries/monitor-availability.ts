import type { Statement } from './statement-types.ts';

/** How often a monitor's runs found it working (up or degraded) and down. */
export interface MonitorAvailabilityRow {
  readonly monitor: string;
  readonly passed: number;
  readonly failed: number;
}

/**
 * Passed and failed runs of the hours that begin in `(since, now]`, from the collector's rollup. Runs with an unknown outcome say nothing about the
 * target; those of a maintenance that availability leaves out are not counted.
 */
export const monitorAvailability: Statement<{ since_ms: number; now_ms: number }, MonitorAvailabilityRow> = {
  name: 'monitor_availability',
  sql: `
    SELECT
      MonitorName AS monitor,
      toFloat64(sumIf(Runs, Outcome IN ('up', 'degraded'))) AS passed,
      toFloat64(sumIf(Runs, Outcome = 'down')) AS failed
    FROM tocsin_probe_runs_1h
    WHERE Time > fromUnixTimestamp64Milli({since_ms:Int64})
      AND Time <= fromUnixTimestamp64Milli({now_ms:Int64})
      AND NOT IsExcluded
    GROUP BY monitor
    LIMIT 10000`,
};
