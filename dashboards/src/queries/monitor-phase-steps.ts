import type { Statement } from './statement-types.ts';

/** How long a phase of a monitor's runs took in a step, all locations together. */
export interface MonitorPhaseStepRow {
  /** The step's begin, Unix ms. */
  readonly at_ms: number;
  readonly phase: string;
  /** The mean over the runs that had the phase. */
  readonly mean_ms: number;
  /** How many had it. */
  readonly runs: number;
}

/** Means of each phase by step in `[from, to)`, from the points themselves: for a short time. */
export const monitorPhaseSteps: Statement<
  { monitor: string; from_ms: number; to_ms: number; step_s: number },
  MonitorPhaseStepRow
> = {
  name: 'monitor_phase_steps',
  sql: `
    SELECT
      toFloat64(intDiv(toUnixTimestamp(TimeUnix), {step_s:UInt32}) * {step_s:UInt32}) * 1000 AS at_ms,
      Attributes['tocsin.probe.phase'] AS phase,
      avg(Value) * 1000 AS mean_ms,
      toFloat64(count()) AS runs
    FROM otel_metrics_gauge
    WHERE ServiceName = 'tocsin-checker'
      AND MetricName = 'tocsin.probe.duration'
      AND Attributes['tocsin.monitor.name'] = {monitor:String}
      AND TimeUnix >= fromUnixTimestamp64Milli({from_ms:Int64})
      AND TimeUnix < fromUnixTimestamp64Milli({to_ms:Int64})
    GROUP BY at_ms, phase
    ORDER BY at_ms, phase
    LIMIT 10000`,
};
