import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { embeddedCredentials } from '@tocsin/service/embedded-credentials';
import { addressOf, endService, forkService } from './fork-service.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const CLICKHOUSE = join(ROOT, 'deploy/src/clickhouse/main.ts');
const COLLECTOR = join(ROOT, 'collector/src/main.ts');
const MIGRATIONS = join(ROOT, 'collector/src/schema/migrations');
const SCHEMA_LIMIT_MS = 60_000;

/** An embedded ClickHouse with the collector's schema and no rows, in a temporary folder. */
export interface ScratchDatabase {
  /** With a user that may write. */
  readonly url: string;
  /** Ends it and removes what it wrote. */
  stop(): Promise<void>;
}

/**
 * Starts one: the embedded ClickHouse, and the collector for as long as it takes to make its tables.
 * @throws Error where it does not come up within about a minute
 */
export async function startScratchDatabase(): Promise<ScratchDatabase> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tocsin-scratch-'));
  const data = ['--data', dataDir];
  // Its own telemetry goes nowhere: a Tocsin that runs on this machine is not told of it.
  const clickhouse = await forkService(
    CLICKHOUSE,
    [...data, '--listen', 'clickhouse.http=127.0.0.1:0', '--listen', 'collector.http=127.0.0.1:9'],
    dataDir,
  );
  const stop = async (): Promise<void> => {
    await endService(clickhouse, 'SIGTERM');
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const address = new URL(addressOf(clickhouse, 'clickhouse.http'));
    const listen = [`clickhouse.http=${address.host}`, 'collector.http=127.0.0.1:0', 'collector.grpc=127.0.0.1:0'];
    const collector = await forkService(
      COLLECTOR,
      [...data, ...listen.flatMap((entry) => ['--listen', entry])],
      dataDir,
    );
    const { user, password } = embeddedCredentials(dataDir).writer;
    try {
      await untilMigrated(address, `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`);
    } finally {
      await endService(collector, 'SIGTERM');
    }
    address.username = user;
    address.password = password;
    return { url: address.href, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Each migration is recorded once its statements have run. */
async function untilMigrated(address: URL, authorization: string): Promise<void> {
  const wanted = (await readdir(MIGRATIONS)).filter((file) => file.endsWith('.sql')).length;
  const giveUpAtMs = performance.now() + SCHEMA_LIMIT_MS;
  let said = '';
  while (performance.now() < giveUpAtMs) {
    const query = 'SELECT uniqExact(Version) FROM otel.tocsin_migrations';
    const answer = await fetch(address, { method: 'POST', body: query, headers: { authorization } });
    said = (await answer.text()).trim();
    if (answer.ok && Number(said) >= wanted) return;
    await sleep(50);
  }
  throw new Error(`the schema was not made within ${SCHEMA_LIMIT_MS / 1_000} s: ${said}`);
}
