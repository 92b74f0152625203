import type { ClickHouseClient } from '@tocsin/service/clickhouse';

/** A row that must be in a table if the data it was taken from is. */
export interface Sample {
  readonly service: string;
  /** Nanoseconds since the epoch. */
  readonly timeNs: bigint;
}

/** Finds out what became of an insert that was given up. */
export interface Attempts {
  /** Ends whatever ClickHouse still runs under the token. @returns whether nothing runs any more; false also when it cannot be asked */
  end(token: string): Promise<boolean>;
  /** Whether none of the rows is in the table; false also when it cannot be asked. */
  isAbsent(table: string, samples: readonly Sample[]): Promise<boolean>;
}

/** Where it cannot be found out. */
export const UNKNOWN_ATTEMPTS: Attempts = {
  end: () => Promise.resolve(false),
  isAbsent: () => Promise.resolve(false),
};

/** How long to wait for a statement to end that was told to, and between two looks. */
const END_LIMIT_MS = 15_000;
const LOOK_EVERY_MS = 250;
/** What was sent before the attempt was given up may reach the statements only now: it is asked twice. */
const QUIET_LOOKS = 3;

const MARK = "Settings['insert_deduplication_token'] = {token:String}";

/** @param client with a short time limit: a ClickHouse that cannot answer these cannot be known */
export function createAttempts(client: ClickHouseClient, database: string): Attempts {
  async function count(query: string, parameters: Record<string, unknown>): Promise<number> {
    const result = await client.query({ query, query_params: parameters, format: 'JSONEachRow' });
    const [row] = await result.json<{ readonly found: string }>();
    return Number(row?.found ?? Number.NaN);
  }

  return {
    async end(token) {
      const endMs = performance.now() + END_LIMIT_MS;
      let quiet = 0;
      try {
        while (performance.now() < endMs) {
          const running = await count(
            `SELECT toString(count()) AS found FROM system.processes WHERE ${MARK} AND query NOT ILIKE 'KILL %'`,
            { token },
          );
          quiet = running === 0 ? quiet + 1 : 0;
          if (quiet === QUIET_LOOKS) return true;
          if (running !== 0) {
            await client.command({ query: `KILL QUERY WHERE ${MARK} ASYNC`, query_params: { token } });
          }
          await new Promise((resolve) => void setTimeout(resolve, LOOK_EVERY_MS));
        }
        return false;
      } catch {
        // Not to be asked, or not allowed to ask: then it is not known.
        return false;
      }
    },
    async isAbsent(table, samples) {
      const time = table.startsWith('otel_metrics_') ? 'TimeUnix' : 'Timestamp';
      const row = (index: number): string =>
        `(ServiceName = {s${index}:String} AND ${time} = fromUnixTimestamp64Nano({t${index}:Int64}))`;
      const parameters: Record<string, unknown> = {};
      for (const [index, { service, timeNs }] of samples.entries()) {
        parameters[`s${index}`] = service;
        parameters[`t${index}`] = String(timeNs);
      }
      const where = samples.map((_, index) => row(index)).join(' OR ');
      const query = `SELECT toString(count()) AS found FROM ${database}.${table} WHERE ${where}`;
      try {
        return (await count(query, parameters)) === 0;
      } catch {
        return false;
      }
    },
  };
}
