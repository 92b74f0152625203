import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClickHouseClient, createClient } from '@clickhouse/client';
import { embeddedCredentials } from '@tocsin/service/embedded-credentials';

/** An embedded ClickHouse in a process and a temporary folder of its own. */
export interface BenchClickHouse {
  /** With a user that may write. */
  readonly url: string;
  readonly database: string;
  client(): ClickHouseClient;
  stop(): Promise<void>;
}

const MAIN = join(import.meta.dirname, '../../deploy/src/clickhouse/main.ts');

/** Starts one; its telemetry goes to a port where nothing listens. */
export async function startBenchClickHouse(): Promise<BenchClickHouse> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-bench-'));
  const listen = ['--listen', 'clickhouse.http=127.0.0.1:0', '--listen', 'collector.http=127.0.0.1:9'];
  const child = fork(MAIN, ['--data', folder, ...listen], {
    cwd: folder,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [message] = (await once(child, 'message')) as [{ listening: Record<string, string> }];
  const address = new URL(message.listening['clickhouse.http'] ?? '');
  const { user: username, password } = embeddedCredentials(folder).writer;
  const clients: ClickHouseClient[] = [];
  return {
    url: address.href.replace('://', `://${username}:${password}@`),
    database: 'otel',
    client() {
      const client = createClient({ url: address, username, password, database: 'otel' });
      clients.push(client);
      return client;
    },
    async stop() {
      await Promise.all(clients.map((client) => client.close()));
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
