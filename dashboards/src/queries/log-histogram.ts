import { LOGS_MATCH, type LogParameters, SEVERITY } from './log-match.ts';
import type { Statement } from './statement-types.ts';

/** How many records of a severity there are in a step. Only what there is has a row. */
export interface LogHistogramRow {
  /** The step's begin, Unix ms. */
  readonly at_ms: number;
  readonly severity: string;
  readonly records: number;
}

/** Counted in the records themselves: for what the rollup does not know. */
export const logHistogram: Statement<LogParameters & Readonly<{ step_s: number }>, LogHistogramRow> = {
  name: 'log_histogram',
  sql: `
    SELECT
      toFloat64(intDiv(toUnixTimestamp(Timestamp), {step_s:UInt32}) * {step_s:UInt32}) * 1000 AS at_ms,
      ${SEVERITY} AS severity,
      toFloat64(count()) AS records
    FROM otel_logs
    WHERE ${LOGS_MATCH}
    GROUP BY at_ms, severity
    ORDER BY at_ms, severity
    LIMIT 5000`,
};
