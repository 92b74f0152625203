import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type ClickHouseClient, createClient } from '@clickhouse/client';
import { silentLogger } from '@tocsin/service/log';
import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { renderForCluster } from '../../src/schema/cluster/render.ts';
import { createDatabase, migrate } from '../../src/schema/migrate.ts';
import { readMigrations } from '../../src/schema/migrations.ts';
import { parseStatement } from '../../src/schema/statement/statement.ts';
import { checkServerVersion } from '../../src/schema/server-check.ts';

const log = silentLogger();
/** What the migrations make. */
const TABLES = [
  // A later migration may replace a view.
  ...new Set([
    'tocsin_migrations',
    ...(await readMigrations())
      .flatMap(({ statements }) => statements.map(parseStatement))
      .filter(({ kind }) => kind !== 'alter_table')
      .map(({ name }) => name),
  ]),
].toSorted();

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

test('processes that migrate at the same moment leave one sound schema, though one of them is killed half-way', async () => {
  const start = async (): Promise<ChildProcess> => {
    const child = fork(join(import.meta.dirname, 'migrate-process.ts'), [clickhouse.url, 'raced'], { execArgv: [] });
    await once(child, 'message');
    return child;
  };
  const children = await Promise.all([start(), start(), start(), start()]);
  const ends = children.map((child) => once(child, 'exit'));
  const [victim] = children;
  for (const child of children) child.send('go');
  // It says when it has applied its first migration.
  if (victim) await once(victim, 'message');
  victim?.kill('SIGKILL');
  const codes = (await Promise.all(ends)).map(([code]) => code as number | null);
  expect(codes.slice(1)).toEqual([0, 0, 0]);
  const client = await openDatabase('raced');
  expect(await column(client, SELECT_TABLES)).toEqual(TABLES);
  expect(await column(client, SELECT_MIGRATIONS)).toEqual((await readMigrations()).map(({ name }) => name));
});

test('one that was killed after some of its migrations is continued by the next', async () => {
  const client = await openDatabase('continued');
  const migrations = await readMigrations();
  const [first, second] = migrations;
  if (!first || !second) throw new Error('no migrations');
  // The second has run and was not recorded yet.
  await migrate(client, [first], log);
  for (const query of second.statements) await client.command({ query });
  expect(await migrate(client, migrations, log)).toEqual(migrations.slice(1).map(({ name }) => name));
  expect(await column(client, SELECT_TABLES)).toEqual(TABLES);
});

test('the server of the tests is new enough, and its parser understands every statement for a cluster', async () => {
  const client = await openDatabase('parsed');
  await checkServerVersion(client);
  for (const { statements } of renderForCluster(await readMigrations(), { name: 'main', database: 'parsed' })) {
    for (const statement of statements) {
      const query = 'SELECT formatQuery({statement:String})';
      const result = await client.query({ query, query_params: { statement }, format: 'TabSeparatedRaw' });
      expect(await result.text()).toContain('ON CLUSTER main');
    }
  }
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
