import type { MonitorPhaseStepRow } from './monitor-phase-steps.ts';
import type { Statement } from './statement-types.ts';

/** The same for a long time: from the rollup of hours, or where `is_days` from that of days (of UTC). */
export const monitorPhaseRollup: Statement<
  { monitor: string; from_ms: number; to_ms: number; step_s: number; is_days: boolean },
  MonitorPhaseStepRow
> = {
  name: 'monitor_phase_rollup',
  sql: `
    SELECT
      toFloat64(step) * 1000 AS at_ms,
      phase,
      sum(took) / sum(phase_runs) / 1e6 AS mean_ms,
      toFloat64(sum(phase_runs)) AS runs
    FROM (
      ${['1h', '1d']
        .map(
          (length) => `SELECT
        intDiv(toUnixTimestamp(Time), {step_s:UInt32}) * {step_s:UInt32} AS step,
        Phase AS phase, Runs AS phase_runs, DurationSum AS took
      FROM tocsin_probe_phases_${length}
      WHERE {is_days:Bool} = ${length === '1d'}
        AND MonitorName = {monitor:String}
        AND Time >= fromUnixTimestamp64Milli({from_ms:Int64})
        AND Time < fromUnixTimestamp64Milli({to_ms:Int64})`,
        )
        .join('\n      UNION ALL\n      ')}
    )
    GROUP BY at_ms, phase
    ORDER BY at_ms, phase
    LIMIT 10000`,
};
