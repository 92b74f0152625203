import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ClickHouseClient, createClient } from '@clickhouse/client';
import { embeddedCredentials } from '@tocsin/service/embedded-credentials';

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
const READY_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 12_000;

/** Starts the embedded ClickHouse for a test; ready in about a second. It needs Node 26, which runs the tests. */
export async function startTestClickHouse(): Promise<TestClickHouse> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tocsin-clickhouse-'));
  const clients: ClickHouseClient[] = [];
  let child = await startProcess(dataDir, 0);
  const address = child.url;
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
      await end(child.process, 'SIGKILL');
    },
    async restart() {
      child = await startProcess(dataDir, Number(new URL(url).port));
    },
    stop() {
      stopped ??= (async () => {
        await Promise.all(clients.map((client) => client.close()));
        const code = await end(child.process, 'SIGTERM');
        await rm(dataDir, { recursive: true, force: true });
        return code;
      })();
      return stopped;
    },
  };
}

interface RunningProcess {
  readonly process: ChildProcess;
  readonly url: string;
}

async function startProcess(dataDir: string, port: number): Promise<RunningProcess> {
  // Self-telemetry goes to a port where nothing listens: never to a Tocsin that happens to run on this machine.
  const listen = ['--listen', `clickhouse.http=127.0.0.1:${port}`, '--listen', 'collector.http=127.0.0.1:9'];
  const child = fork(MAIN, ['--data', dataDir, ...listen], {
    cwd: dataDir,
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString('utf8')).slice(-10_000);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  const signal = AbortSignal.timeout(READY_LIMIT_MS);
  const failed = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`the embedded ClickHouse ended with ${String(code)} before it was ready:\n${output}`);
  });
  const ready = once(child, 'message', { signal }).then(([message]) => urlOf(message));
  return { process: child, url: await Promise.race([ready, failed]) };
}

function urlOf(message: unknown): string {
  const { listening } = message as { listening: Record<string, string> };
  const url = listening['clickhouse.http'];
  if (url === undefined) throw new Error('the embedded ClickHouse did not say where it listens');
  return url;
}

/** Sends the signal and waits for the end; what has not ended in time is killed. @returns the exit code, `undefined` without one */
async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<number | undefined> {
  if (child.exitCode !== null || child.signalCode !== null) return undefined;
  const exited = once(child, 'exit');
  child.kill(signal);
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  const [code] = (await exited) as [number | null];
  clearTimeout(late);
  return code ?? undefined;
}
