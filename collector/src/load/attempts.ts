import type { ClickHouseClient } from '@tocsin/service/clickhouse';
import { type Cluster, localName, systemTable } from '../schema/cluster/cluster.ts';
import type { SentStatements } from './sent-statements.ts';

/** A row that must be in a table if the data it was taken from is. */
export interface Sample {
  readonly service: string;
  /** Nanoseconds since the epoch. */
  readonly timeNs: bigint;
}

/** Finds out what became of an insert that was given up. */
export interface Attempts {
  /**
   * Ends whatever ClickHouse still runs under the token.
   * @returns whether nothing runs any more and nothing that was sent will begin; false also when it cannot be asked
   */
  end(token: string): Promise<boolean>;
  /** Whether none of the rows is in the table; false also when it cannot be asked. */
  isAbsent(table: string, samples: readonly Sample[]): Promise<boolean>;
}

/** Whom to ask. */
export interface AttemptsOptions {
  /** One client for each configured server, with a short time limit: a ClickHouse that cannot answer these cannot be known. */
  readonly servers: readonly ClickHouseClient[];
  readonly database: string;
  readonly cluster: Cluster | undefined;
  readonly sent: SentStatements;
}

/** How long to wait for a statement to end that was told to, and between two looks. */
const END_LIMIT_MS = 15_000;
const LOOK_EVERY_MS = 250;

const MARK = "Settings['insert_deduplication_token'] = {token:String}";

/**
 * Makes it for one server, or for several that hold the same data: then every one of them has to answer, for any may have been given the insert. An
 * INSERT is in `system.processes` before it looks at the time by which it has to begin; so once that has passed, one look is enough.
 */
export function createAttempts({ servers, database, cluster, sent }: AttemptsOptions): Attempts {
  return {
    async end(token) {
      const untilMs = performance.now() + END_LIMIT_MS;
      try {
        for (;;) {
          const looks = await Promise.all(servers.map((server) => look(server, token, cluster)));
          const openMs = sent.openUntilMs(token) - Math.min(...looks.map(({ nowMs }) => nowMs));
          if (openMs < 0 && looks.every(({ running }) => running === 0)) return true;
          await Promise.all(
            servers.filter((_, index) => looks[index]?.running !== 0).map((server) => kill(server, token)),
          );
          if (performance.now() + Math.max(openMs, LOOK_EVERY_MS) > untilMs) return false;
          await new Promise((resolve) => void setTimeout(resolve, LOOK_EVERY_MS));
        }
      } catch {
        // Not to be asked, or not allowed to ask: then it is not known.
        return false;
      }
    },
    async isAbsent(table, samples) {
      // Over a cluster any of them can ask every replica of every shard.
      const asked = cluster ? servers.slice(0, 1) : servers;
      const source = cluster
        ? `clusterAllReplicas('${cluster.name}', ${database}.${localName(table)})`
        : `${database}.${table}`;
      const { where, parameters } = conditionOf(table, samples);
      const query = `SELECT toString(count()) AS found FROM ${source} WHERE ${where}`;
      try {
        const rows = await Promise.all(asked.map((server) => firstRow(server, query, parameters)));
        return rows.every((row) => Number(row['found']) === 0);
      } catch {
        return false;
      }
    },
  };
}

/** What a server runs under the token, and its clock, which it read before it looked. */
async function look(
  server: ClickHouseClient,
  token: string,
  cluster: Cluster | undefined,
): Promise<{ readonly running: number; readonly nowMs: number }> {
  const query =
    `SELECT toString(count()) AS found, toString(toUnixTimestamp64Milli(now64(3))) AS now ` +
    `FROM ${systemTable('processes', cluster)} WHERE ${MARK} AND query NOT ILIKE 'KILL %'`;
  const row = await firstRow(server, query, { token });
  return { running: Number(row['found']), nowMs: Number(row['now']) };
}

/** Tells one server; what it has handed to others of a cluster ends with it. */
async function kill(server: ClickHouseClient, token: string): Promise<void> {
  await server.command({ query: `KILL QUERY WHERE ${MARK} ASYNC`, query_params: { token } });
}

async function firstRow(
  server: ClickHouseClient,
  query: string,
  parameters: Record<string, unknown>,
): Promise<Readonly<Record<string, string | undefined>>> {
  const result = await server.query({ query, query_params: parameters, format: 'JSONEachRow' });
  const [row] = await result.json<Record<string, string>>();
  return row ?? {};
}

function conditionOf(
  table: string,
  samples: readonly Sample[],
): { readonly where: string; readonly parameters: Record<string, unknown> } {
  const time = table.startsWith('otel_metrics_') ? 'TimeUnix' : 'Timestamp';
  const row = (index: number): string =>
    `(ServiceName = {s${index}:String} AND ${time} = fromUnixTimestamp64Nano({t${index}:Int64}))`;
  const parameters: Record<string, unknown> = {};
  for (const [index, { service, timeNs }] of samples.entries()) {
    parameters[`s${index}`] = service;
    parameters[`t${index}`] = String(timeNs);
  }
  return { where: samples.map((_, index) => row(index)).join(' OR '), parameters };
}

/** ClickHouse's clock in milliseconds since the epoch. */
export async function readClock(server: ClickHouseClient): Promise<number> {
  const row = await firstRow(server, 'SELECT toString(toUnixTimestamp64Milli(now64(3))) AS now', {});
  return Number(row['now'] ?? Number.NaN);
}
