import type { Statement } from './statement-types.ts';

/** A deployment. */
export interface DeploymentRow {
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  /** Unix ms. */
  readonly at_ms: number;
  /** `marked`: somebody said so. `seen`: the version was seen for the first time. */
  readonly kind: 'marked' | 'seen';
  /** Of what was seen: the version before it. */
  readonly before: string;
  readonly actor: string;
  readonly url: string;
  readonly note: string;
}

/** The most deployments one answer lists. */
export const DEPLOYMENTS_LIMIT = 500;

/**
 * Deployments from `from` to `to`, of one service or (empty) of all, newest first: what was marked (`POST /api/v1/deployments`), and versions that
 * were seen for the first time where nobody marked them within an hour of that. Without an environment a mark stands for each.
 */
export const deployments: Statement<{ from_ms: number; to_ms: number; service: string }, DeploymentRow> = {
  name: 'deployments',
  sql: `
    WITH
      fromUnixTimestamp64Milli({from_ms:Int64}) AS from_time,
      fromUnixTimestamp64Milli({to_ms:Int64}) AS to_time,
      marked AS (
        SELECT
          LogAttributes['tocsin.deployment.service'] AS service,
          LogAttributes['tocsin.deployment.version'] AS version,
          LogAttributes['tocsin.deployment.environment'] AS environment,
          Timestamp AS at,
          LogAttributes['tocsin.deployment.actor'] AS actor,
          LogAttributes['tocsin.deployment.url'] AS url,
          LogAttributes['tocsin.deployment.note'] AS note
        FROM otel_logs
        WHERE ServiceName = 'tocsin-deployments' AND EventName = 'tocsin.deployment'
          AND Timestamp >= from_time - INTERVAL 1 HOUR AND Timestamp <= to_time + INTERVAL 1 HOUR
          AND ({service:String} = '' OR service = {service:String})),
      seen AS (
        SELECT
          ServiceName AS service, ServiceVersion AS version, Environment AS environment, min(FirstSeen) AS first_seen,
          lagInFrame(version) OVER (PARTITION BY service, environment ORDER BY first_seen, version) AS before
        FROM otel_services
        WHERE ServiceVersion != '' AND NOT startsWith(ServiceName, 'tocsin-')
          AND ({service:String} = '' OR ServiceName = {service:String})
        GROUP BY service, version, environment),
      (SELECT groupArray((service, version, environment, at)) FROM marked) AS marks
    SELECT service, version, environment, toFloat64(toUnixTimestamp64Milli(at)) AS at_ms, kind, before, actor, url, note
    FROM (
      SELECT service, version, environment, toDateTime64(at, 3) AS at, 'marked' AS kind, '' AS before, actor, url, note
      FROM marked
      WHERE at >= from_time AND at <= to_time
      UNION ALL
      SELECT service, version, environment, toDateTime64(first_seen, 3) AS at, 'seen' AS kind, before, '' AS actor, '' AS url, '' AS note
      FROM seen
      WHERE first_seen >= from_time AND first_seen <= to_time
        AND NOT arrayExists(mark -> mark.1 = service AND mark.2 = version AND (mark.3 = '' OR mark.3 = environment)
          AND abs(dateDiff('second', mark.4, first_seen)) <= 3600, marks)
    )
    ORDER BY at DESC, service
    LIMIT ${DEPLOYMENTS_LIMIT}`,
};
