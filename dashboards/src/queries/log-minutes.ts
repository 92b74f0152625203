import type { LogHistogramRow } from './log-histogram.ts';
import { LOG_KINDS_MATCH, SEVERITY } from './log-match.ts';
import type { Statement } from './statement-types.ts';

/** The same from the rollup: whole minutes in `[from, to)`, by service and severity only. */
export const logMinutes: Statement<
  {
    from_ms: number;
    to_ms: number;
    step_s: number;
    services: readonly string[];
    severities: readonly string[];
  },
  LogHistogramRow
> = {
  name: 'log_minutes',
  sql: `
    SELECT
      toFloat64(intDiv(toUnixTimestamp(Time), {step_s:UInt32}) * {step_s:UInt32}) * 1000 AS at_ms,
      ${SEVERITY} AS severity,
      toFloat64(sum(Records)) AS records
    FROM otel_logs_1m
    WHERE Time >= fromUnixTimestamp64Milli({from_ms:Int64})
      AND Time < fromUnixTimestamp64Milli({to_ms:Int64})
      AND ${LOG_KINDS_MATCH}
    GROUP BY at_ms, severity
    ORDER BY at_ms, severity
    LIMIT 5000`,
};
