import type { Statement } from './statement-types.ts';

/** An operation of a service. */
export interface KnownOperationsRow {
  readonly operation: string;
}

/** Names of spans in a time, the most frequent first; an empty list of services: all of them. */
export const knownOperations: Statement<
  { services: readonly string[]; from_ms: number; to_ms: number },
  KnownOperationsRow
> = {
  name: 'known_operations',
  sql: `
    SELECT SpanName AS operation
    FROM otel_traces_service_1m
    WHERE Time >= toStartOfMinute(fromUnixTimestamp64Milli({from_ms:Int64}))
      AND Time <= fromUnixTimestamp64Milli({to_ms:Int64})
      AND (notEmpty({services:Array(String)}) OR NOT startsWith(ServiceName, 'tocsin-'))
      AND (empty({services:Array(String)}) OR ServiceName IN {services:Array(String)})
      AND lengthUTF8(SpanName) <= 300
    GROUP BY operation
    ORDER BY sum(Requests) DESC, operation
    LIMIT 500`,
};
