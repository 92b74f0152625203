import type { Statement } from './statement-types.ts';

/** A service that wrote log records. */
export interface LogServicesRow {
  readonly service: string;
  readonly records: number;
}

/** The services that wrote log records in the minutes of `[from, to]`, most first. */
export const logServices: Statement<{ from_ms: number; to_ms: number }, LogServicesRow> = {
  name: 'log_services',
  sql: `
    SELECT ServiceName AS service, toFloat64(sum(Records)) AS records
    FROM otel_logs_1m
    WHERE Time >= toStartOfMinute(fromUnixTimestamp64Milli({from_ms:Int64}))
      AND Time <= fromUnixTimestamp64Milli({to_ms:Int64})
    GROUP BY service
    ORDER BY records DESC, service
    LIMIT 300`,
};
