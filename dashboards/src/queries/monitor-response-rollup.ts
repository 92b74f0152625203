import { durationOfBucket } from './duration-sketch.ts';
import type { MonitorResponseRow } from './monitor-response-steps.ts';
import type { Statement } from './statement-types.ts';

const percentile = (level: number): string =>
  `if(empty(below), NULL, ${durationOfBucket(`buckets[arrayFirstIndex(runs -> runs >= ${level} * below[-1], below)]`)} / 1e6)`;

/**
 * The same for a long time: from the rollup of hours, or where `is_days` from that of days (of UTC). Percentiles are within 4.4 %.
 * What is not asked of the two tables is not read.
 */
export const monitorResponseRollup: Statement<
  { monitor: string; from_ms: number; to_ms: number; step_s: number; is_days: boolean },
  MonitorResponseRow
> = {
  name: 'monitor_response_rollup',
  sql: `
    SELECT
      if(grouping(step) = 1, NULL, toFloat64(step) * 1000) AS at_ms,
      if(grouping(place) = 1, NULL, place) AS location,
      toFloat64(sumIf(runs, outcome != 'down')) AS passed,
      toFloat64(sumIf(runs, outcome = 'down')) AS failed,
      ${percentile(0.5)} AS p50_ms,
      ${percentile(0.95)} AS p95_ms,
      ${percentile(0.99)} AS p99_ms,
      sumMapIf(durations, outcome != 'down') AS sketch,
      mapKeys(sketch) AS buckets,
      arrayCumSum(mapValues(sketch)) AS below
    FROM (
      ${['1h', '1d']
        .map(
          (length) => `SELECT
        intDiv(toUnixTimestamp(Time), {step_s:UInt32}) * {step_s:UInt32} AS step,
        Location AS place, Outcome AS outcome, Runs AS runs, DurationBuckets AS durations
      FROM tocsin_probe_runs_${length}
      WHERE {is_days:Bool} = ${length === '1d'}
        AND MonitorName = {monitor:String}
        AND Time >= fromUnixTimestamp64Milli({from_ms:Int64})
        AND Time < fromUnixTimestamp64Milli({to_ms:Int64})
        AND Outcome != 'unknown' AND NOT IsExcluded`,
        )
        .join('\n      UNION ALL\n      ')}
    )
    GROUP BY GROUPING SETS ((step), (place))
    ORDER BY at_ms, location
    LIMIT 5000`,
};
