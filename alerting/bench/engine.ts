import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { embeddedCredentials } from '@tocsin/service/embedded-credentials';

/** An embedded ClickHouse in a process and a folder of its own. */
export interface Engine {
  /** With the collector's user and password in it. */
  readonly url: string;
  readonly database: string;
  readonly pid: number;
  client(): ClickHouseClient;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

const MAIN = fileURLToPath(new URL('../../deploy/src/clickhouse/main.ts', import.meta.url));

export async function startEngine(): Promise<Engine> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-bench-'));
  // Self-telemetry goes to a port where nothing listens.
  const listen = ['--listen', 'clickhouse.http=127.0.0.1:0', '--listen', 'collector.http=127.0.0.1:9'];
  const child = fork(MAIN, ['--data', folder, ...listen], {
    cwd: folder,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  const [message] = (await Promise.race([
    once(child, 'message'),
    ended.then(() => Promise.reject(new Error('the embedded ClickHouse ended before it was ready'))),
  ])) as [{ listening: Record<string, string> }];
  const { user, password } = embeddedCredentials(folder).writer;
  const url = (message.listening['clickhouse.http'] ?? '').replace('://', `://${user}:${password}@`);
  const clients: ClickHouseClient[] = [];
  return {
    url,
    database: 'otel',
    pid: child.pid ?? 0,
    client() {
      const client = createClient({
        url,
        database: 'otel',
        request_timeout: 600_000,
        log: { level: ClickHouseLogLevel.OFF },
      });
      clients.push(client);
      return client;
    },
    async stop() {
      await Promise.all(clients.map((client) => client.close()));
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, maxRetries: 3 });
    },
  };
}
