import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { embeddedCredentials } from '@tocsin/service/embedded-credentials';

/** An embedded ClickHouse on a folder that stays. */
export interface Engine {
  /** As the collector: may write. */
  readonly writer: ClickHouseClient;
  /** As console and alerting: reads. */
  readonly reader: ClickHouseClient;
  /** Where it listens, with the reader's user and password. */
  readonly url: string;
  /** CPU time of its process so far, ms, in steps of 10. */
  cpuMs(): Promise<number>;
  stop(): Promise<void>;
}

const MAIN = fileURLToPath(new URL('../../deploy/src/clickhouse/main.ts', import.meta.url));
/** A block of generated rows with all its views may take this long on a busy machine. */
const REQUEST_TIMEOUT_MS = 1_800_000;

/** Starts it on `folder`, which is made where it is not there. */
export async function startEngine(folder: string): Promise<Engine> {
  await mkdir(folder, { recursive: true });
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
  const url = message.listening['clickhouse.http'];
  if (url === undefined) throw new Error('the embedded ClickHouse did not say where it listens');
  const credentials = embeddedCredentials(folder);
  const login = ({ user, password }: { user: string; password: string }): ClickHouseClient =>
    createClient({
      url,
      username: user,
      password,
      database: 'otel',
      request_timeout: REQUEST_TIMEOUT_MS,
      // It would warn of the long time-out on standard error.
      log: { level: ClickHouseLogLevel.OFF },
    });
  const [writer, reader] = [login(credentials.writer), login(credentials.reader)];
  return {
    writer,
    reader,
    url: url.replace('://', `://${credentials.reader.user}:${credentials.reader.password}@`),
    // User and system time are the fields 14 and 15, in ticks of 10 ms. Source: proc_pid_stat(5).
    async cpuMs() {
      const stat = await readFile(`/proc/${child.pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return (Number(fields[11]) + Number(fields[12])) * 10;
    },
    async stop() {
      await Promise.all([writer.close(), reader.close()]);
      child.kill('SIGTERM');
      await ended;
    },
  };
}
