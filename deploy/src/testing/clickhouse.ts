import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ClickHouseClient, createClient } from '@clickhouse/client';
import { embeddedCredentials } from '@tocsin/service/embedded-credentials';
import { addressOf, endService, forkService, type RunningService } from '../scratch/fork-service.ts';

/** A running embedded ClickHouse in a process and a temporary folder of its own. */
export interface TestClickHouse {
  /** With the collector's user and password in it, for clients and configurations: it may write. Keeps its port over `restart()`. */
  readonly url: string;
  /** Without user and password, as `fetch` wants it: whoever asks there is `default` and reads. */
  readonly address: string;
  /** The header `Authorization` of the collector. */
  readonly authorization: string;
  readonly database: string;
  readonly dataDir: string;
  readonly pid: number;
  /** A client with default settings; `stop()` closes it. */
  client(): ClickHouseClient;
  /** Ends the process with SIGKILL, as a crash would; the data stay. */
  kill(): Promise<void>;
  /** Starts it again on the same data and port. */
  restart(): Promise<void>;
  /** Ends it in order and removes its data. Idempotent. @returns the exit code of a process that was still running */
  stop(): Promise<number | undefined>;
}

const MAIN = fileURLToPath(new URL('../clickhouse/main.ts', import.meta.url));

/** Starts the embedded ClickHouse for a test; ready in about a second. It needs Node 26, which runs the tests. */
export async function startTestClickHouse(): Promise<TestClickHouse> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tocsin-clickhouse-'));
  const clients: ClickHouseClient[] = [];
  let child = await startProcess(dataDir, 0);
  const address = addressOf(child, 'clickhouse.http');
  const { writer } = embeddedCredentials(dataDir);
  const url = address.replace('://', `://${writer.user}:${writer.password}@`);
  const authorization = `Basic ${Buffer.from(`${writer.user}:${writer.password}`).toString('base64')}`;
  let stopped: Promise<number | undefined> | undefined;
  const database = 'otel';

  return {
    url,
    address,
    authorization,
    database,
    dataDir,
    get pid() {
      return child.process.pid ?? 0;
    },
    client() {
      const client = createClient({ url: address, username: writer.user, password: writer.password, database });
      clients.push(client);
      return client;
    },
    async kill() {
      await endService(child, 'SIGKILL');
    },
    async restart() {
      child = await startProcess(dataDir, Number(new URL(url).port));
    },
    stop() {
      stopped ??= (async () => {
        await Promise.all(clients.map((client) => client.close()));
        const code = await endService(child, 'SIGTERM');
        await rm(dataDir, { recursive: true, force: true });
        return code;
      })();
      return stopped;
    },
  };
}

async function startProcess(dataDir: string, port: number): Promise<RunningService> {
  // Self-telemetry goes to a port where nothing listens: never to a Tocsin that happens to run on this machine.
  const listen = ['--listen', `clickhouse.http=127.0.0.1:${port}`, '--listen', 'collector.http=127.0.0.1:9'];
  return forkService(MAIN, ['--data', dataDir, ...listen], dataDir);
}
