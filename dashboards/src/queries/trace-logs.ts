import type { Statement } from './statement-types.ts';

/** One log record that names the trace. `at_ms` in Unix ms. */
export interface TraceLogRow {
  readonly at_ms: number;
  readonly service: string;
  readonly severity: string;
  /** Cut at 1,000 characters. */
  readonly body: string;
  readonly span_id: string;
  /** How many records name the trace in that time; the rows may be fewer. */
  readonly total: number;
}

const LOGS_LIMIT = 500;

/** Log records of a trace in `[from, to]`, oldest first, 500 at most. */
export const traceLogs: Statement<{ trace_id: string; from_ms: number; to_ms: number }, TraceLogRow> = {
  name: 'trace_logs',
  sql: `
    SELECT
      toUnixTimestamp64Nano(Timestamp) / 1e6 AS at_ms,
      ServiceName AS service,
      leftUTF8(SeverityText, 30) AS severity,
      leftUTF8(Body, 1000) AS body,
      SpanId AS span_id,
      toFloat64(count() OVER ()) AS total
    FROM otel_logs
    WHERE TraceId = {trace_id:String}
      AND Timestamp >= fromUnixTimestamp64Milli({from_ms:Int64})
      AND Timestamp <= fromUnixTimestamp64Milli({to_ms:Int64})
    ORDER BY Timestamp
    LIMIT ${LOGS_LIMIT}`,
};
