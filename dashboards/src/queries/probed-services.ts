import type { Statement } from './statement-types.ts';

/** A service that a probe's own trace went through. */
export interface ProbedServicesRow {
  readonly service: string;
}

/**
 * The services in the traces of these probe runs: a probe carries `traceparent`, so what it reached inside an application is in its trace. The
 * traces began in `[from, to]`.
 */
export const probedServices: Statement<
  { trace_ids: readonly string[]; from_ms: number; to_ms: number },
  ProbedServicesRow
> = {
  name: 'probed_services',
  sql: `
    SELECT DISTINCT ServiceName AS service
    FROM otel_traces
    WHERE TraceId IN {trace_ids:Array(String)}
      AND Timestamp >= fromUnixTimestamp64Milli({from_ms:Int64})
      AND Timestamp <= fromUnixTimestamp64Milli({to_ms:Int64})
      AND NOT startsWith(ServiceName, 'tocsin-')
    LIMIT 1000`,
};
