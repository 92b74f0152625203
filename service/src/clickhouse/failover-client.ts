import type { ClickHouseClient as SingleClient } from '@clickhouse/client';
import type { Logger } from '../log/logger.ts';
import { EndpointRing } from './endpoint-ring.ts';
import { isServerTrouble, isTimeout } from './server-trouble.ts';

/** What Tocsin uses of ClickHouse's client, whether there is one server or several. */
export type ClickHouseClient = Pick<SingleClient, 'query' | 'command' | 'exec' | 'insert' | 'ping' | 'close'>;

/** One of several servers. */
export interface Server {
  /** For the log, without a password. */
  readonly name: string;
  readonly client: ClickHouseClient;
}

/** What a client of several servers is made of. */
export interface FailoverOptions {
  readonly servers: readonly Server[];
  /** The place of the server to begin with. */
  readonly first: number;
  readonly now?: () => number;
  readonly log?: Logger | undefined;
}

/**
 * One client for several servers that hold the same data.
 * - `query`: where a server cannot be reached, the next one is asked, each at most once. One whose time ran out is not asked of another: the
 *   statement may be what takes long.
 * - `command`, `exec`, `insert` are sent once. Whoever sent it decides whether to send it again; that goes to another server. For inserts this is
 *   exactly-once with a deduplication token, which replicas of one table share (docs/decisions/0007).
 * - `ping` succeeds when any server answers.
 */
export function createFailoverClient({ servers, first, now = Date.now, log }: FailoverOptions): ClickHouseClient {
  const ring = new EndpointRing(servers.length, first);
  const at = (index: number): Server => {
    const server = servers[index];
    if (!server) throw new Error(`there is no server ${index}`);
    return server;
  };

  const noteFailure = (index: number, error: unknown): void => {
    const leftAloneMs = ring.fail(index, now());
    const message = error instanceof Error ? error.message || error.name : String(error);
    log?.warn({ server: at(index).name, error: message, left_alone_ms: leftAloneMs }, 'clickhouse: a server fails');
  };

  /** Runs a request at a server and keeps the books. */
  const run = async <T>(
    index: number,
    signal: AbortSignal | undefined,
    request: (c: ClickHouseClient) => Promise<T>,
  ) => {
    try {
      const answer = await request(at(index).client);
      ring.succeed(index);
      return answer;
    } catch (error) {
      if (isServerTrouble(error, signal)) noteFailure(index, error);
      throw error;
    }
  };

  const once = <T>(signal: AbortSignal | undefined, request: (client: ClickHouseClient) => Promise<T>): Promise<T> =>
    run(ring.inOrder(now())[0] ?? 0, signal, request);

  return {
    async query(params) {
      const order = [...ring.inOrder(now())];
      for (;;) {
        const index = order.shift() ?? 0;
        try {
          return await run(index, params.abort_signal, (client) => client.query(params));
        } catch (error) {
          if (order.length === 0 || !isServerTrouble(error, params.abort_signal) || isTimeout(error)) throw error;
        }
      }
    },
    command: (params) => once(params.abort_signal, (client) => client.command(params)),
    exec: (params) => once(params.abort_signal, (client) => client.exec(params)),
    insert: (params) => once(params.abort_signal, (client) => client.insert(params)),
    async ping(params) {
      const [index = 0, ...others] = ring.inOrder(now());
      let answer = await at(index).client.ping(params);
      for (const other of others) {
        if (answer.success) break;
        answer = await at(other).client.ping(params);
      }
      return answer;
    },
    async close() {
      await Promise.all(servers.map(({ client }) => client.close()));
    },
  };
}
