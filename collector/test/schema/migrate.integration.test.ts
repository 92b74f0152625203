import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type ClickHouseClient, createClient } from '@clickhouse/client';
import { silentLogger } from '@tocsin/service/log';
import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createDatabase, migrate } from '../../src/schema/migrate.ts';
import { readMigrations } from '../../src/schema/migrations.ts';
import { applyRetention } from '../../src/schema/retention.ts';

const log = silentLogger();
const TABLES = [
  'otel_logs',
  'otel_metrics_exponential_histogram',
  'otel_metrics_gauge',
  'otel_metrics_histogram',
  'otel_metrics_sum',
  'otel_metrics_summary',
  'otel_traces',
  'otel_traces_trace_id_ts',
  'otel_traces_trace_id_ts_mv',
  'tocsin_migrations',
];

let clickhouse: TestClickHouse;

beforeAll(async () => {
  clickhouse = await startTestClickHouse();
});

afterAll(async () => {
  await clickhouse?.stop();
});

/** A client for a database of its own. */
async function openDatabase(database: string): Promise<ClickHouseClient> {
  const anywhere = createClient({ url: clickhouse.url });
  await createDatabase(anywhere, database);
  await anywhere.close();
  const client = createClient({ url: clickhouse.url, database });
  onTestFinished(() => client.close());
  return client;
}

async function column(client: ClickHouseClient, query: string): Promise<readonly string[]> {
  const result = await client.query({ query, format: 'TabSeparatedRaw' });
  return (await result.text()).split('\n').filter((line) => line !== '');
}

const SELECT_TABLES = 'SELECT name FROM system.tables WHERE database = currentDatabase() ORDER BY name';
const SELECT_MIGRATIONS = 'SELECT Name FROM tocsin_migrations ORDER BY Name';

test('a new database gets every table, and a second run finds nothing to do', async () => {
  const client = await openDatabase('fresh');
  const migrations = await readMigrations();
  expect(await migrate(client, migrations, log)).toEqual(migrations.map(({ name }) => name));
  expect(await column(client, SELECT_TABLES)).toEqual(TABLES);
  expect(await migrate(client, migrations, log)).toEqual([]);
});

test('two processes that migrate at the same moment leave one sound schema', async () => {
  const start = async (): Promise<ChildProcess> => {
    const child = fork(join(import.meta.dirname, 'migrate-process.ts'), [clickhouse.url, 'raced'], { execArgv: [] });
    await once(child, 'message');
    return child;
  };
  const children = await Promise.all([start(), start()]);
  const codes = await Promise.all(
    children.map(async (child) => {
      const ended = once(child, 'exit');
      child.send('go');
      return (await ended)[0] as number;
    }),
  );
  expect(codes).toEqual([0, 0]);
  const client = await openDatabase('raced');
  expect(await column(client, SELECT_TABLES)).toEqual(TABLES);
  expect(await column(client, SELECT_MIGRATIONS)).toEqual((await readMigrations()).map(({ name }) => name));
});

test('a database that is newer, or that another program numbered, is refused and left as it is', async () => {
  const client = await openDatabase('newer');
  const migrations = await readMigrations();
  const newer = [...migrations, { version: 9_999, name: '9999-from-the-future', statements: [] }];
  await migrate(client, newer, log);
  await expect(migrate(client, migrations, log)).rejects.toMatchObject({ code: 'schema_newer' });
  const foreign = newer.map((one) => (one.version === 1 ? { ...one, name: '0001-other' } : one));
  await expect(migrate(client, foreign, log)).rejects.toMatchObject({ code: 'schema_foreign' });
  expect(await column(client, SELECT_MIGRATIONS)).toHaveLength(newer.length);
});

test('retention is set once, follows the configuration and is taken away by 0', async () => {
  const client = await openDatabase('kept');
  await migrate(client, await readMigrations(), log);
  const day = 86_400_000;
  const ttl = (table: string): Promise<readonly string[]> =>
    column(
      client,
      `SELECT extract(engine_full, 'TTL (.+?) SETTINGS') FROM system.tables WHERE database = currentDatabase() AND name = '${table}'`,
    );
  const first = { tracesMs: 7 * day, metricsMs: 30 * day, logsMs: 7 * day };
  expect(await applyRetention(client, first, log)).toHaveLength(8);
  expect(await applyRetention(client, first, log)).toEqual([]);
  expect(await ttl('otel_traces')).toEqual(['toDateTime(Timestamp) + toIntervalSecond(604800)']);
  expect(await ttl('otel_traces_trace_id_ts')).toEqual(['toDateTime(End) + toIntervalSecond(777600)']);
  expect(await ttl('otel_metrics_sum')).toEqual(['toDateTime(TimeUnix) + toIntervalSecond(2592000)']);
  expect(await applyRetention(client, { ...first, logsMs: 3_600_000 }, log)).toEqual(['otel_logs']);
  expect(await ttl('otel_logs')).toEqual(['toDateTime(Timestamp) + toIntervalSecond(3600)']);
  expect(await applyRetention(client, { ...first, logsMs: 0 }, log)).toEqual(['otel_logs']);
  expect(await ttl('otel_logs')).toEqual([]);
});

test('a retention longer than ClickHouse can count means for ever, not a date in the past', async () => {
  const client = await openDatabase('ages');
  await migrate(client, await readMigrations(), log);
  const thousandYearsMs = 1_000 * 365 * 86_400_000;
  const ages = { tracesMs: thousandYearsMs, metricsMs: thousandYearsMs, logsMs: thousandYearsMs };
  expect(await applyRetention(client, ages, log)).toEqual([]);
});
