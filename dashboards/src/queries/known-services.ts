import type { Statement } from './statement-types.ts';

/** A service that sends spans. */
export interface KnownServicesRow {
  readonly service: string;
}

/** Services whose spans were seen in `[from, to]`, as far as the table of services knows. */
export const knownServices: Statement<{ from_ms: number; to_ms: number }, KnownServicesRow> = {
  name: 'known_services',
  sql: `
    SELECT ServiceName AS service
    FROM otel_services
    WHERE Signal = 'traces'
    GROUP BY service
    HAVING max(LastSeen) >= fromUnixTimestamp64Milli({from_ms:Int64})
      AND min(FirstSeen) <= fromUnixTimestamp64Milli({to_ms:Int64})
    ORDER BY startsWith(service, 'tocsin-'), service
    LIMIT 1000`,
};
