import type { Statement } from './statement-types.ts';

/** A version of a service in an environment, and when it was first and last seen, Unix ms. */
export interface ServiceVersionsRow {
  readonly version: string;
  readonly environment: string;
  readonly first_ms: number;
  readonly last_ms: number;
}

/** The versions of a service by its spans, the newest first. */
export const serviceVersions: Statement<{ service: string }, ServiceVersionsRow> = {
  name: 'service_versions',
  sql: `
    SELECT
      leftUTF8(ServiceVersion, 100) AS version,
      leftUTF8(Environment, 100) AS environment,
      toFloat64(toUnixTimestamp(min(FirstSeen))) * 1000 AS first_ms,
      toFloat64(toUnixTimestamp(max(LastSeen))) * 1000 AS last_ms
    FROM otel_services
    WHERE ServiceName = {service:String} AND Signal = 'traces'
    GROUP BY version, environment
    ORDER BY first_ms DESC
    LIMIT 50`,
};
