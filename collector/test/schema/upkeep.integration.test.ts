import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createClickHouse, type ClickHouseClient } from '@tocsin/service/clickhouse';
import type { TocsinConfig } from '@tocsin/service/config';
import { type Logger, silentLogger } from '@tocsin/service/log';
import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createDiskWatch } from '../../src/schema/disk/disk-watch.ts';
import { readDiskState } from '../../src/schema/disk/disk-state.ts';
import type { Partition } from '../../src/schema/disk/decide-drop.ts';
import { createDatabase, migrate } from '../../src/schema/migrate.ts';
import { readMigrations, splitStatements } from '../../src/schema/migrations.ts';
import { KEPT_TABLES } from '../../src/schema/retention-table.ts';
import { applyRetention } from '../../src/schema/retention.ts';
import { createUpkeep } from '../../src/schema/upkeep.ts';
import { testConfig } from '../load/test-config.ts';

const DAY_MS = 86_400_000;
const KEEP = { tracesMs: 7 * DAY_MS, metricsMs: 30 * DAY_MS, logsMs: 7 * DAY_MS, rollupsMs: 730 * DAY_MS };
let clickhouse: TestClickHouse;
beforeAll(async () => {
  clickhouse = await startTestClickHouse();
});
afterAll(async () => {
  await clickhouse?.stop();
});

interface Database {
  readonly client: ClickHouseClient;
  readonly config: TocsinConfig;
  rows(query: string): Promise<readonly Record<string, string>[]>;
  /** The TTL as the server writes it, by table. */
  ttl(table: string): Promise<string | undefined>;
}

async function openDatabase(name: string): Promise<Database> {
  const config = testConfig(clickhouse.url, name);
  const elsewhere = { ...config, clickhouse: { ...config.clickhouse, database: 'default' } };
  const anywhere = createClickHouse(elsewhere, { application: 'test', readonly: false });
  await createDatabase(anywhere, name);
  await anywhere.close();
  const client = createClickHouse(config, { application: 'test', readonly: false });
  onTestFinished(() => client.close());
  await migrate(client, await readMigrations(), silentLogger());
  const rows = async (query: string) =>
    (await client.query({ query, format: 'JSONEachRow' })).json<Record<string, string>>();
  return {
    client,
    config,
    rows,
    async ttl(table) {
      const [row] = await rows(
        `SELECT extract(engine_full, 'TTL (.+?) SETTINGS') AS ttl FROM system.tables WHERE database = '${name}' AND name = '${table}'`,
      );
      return row?.['ttl'];
    },
  };
}

/** A logger that keeps what it is told. */
function keepingLogger(said: { level: string; fields: Record<string, unknown>; text: string }[]): Logger {
  const log = silentLogger();
  for (const level of ['info', 'warn', 'error'] as const)
    log[level] = (fields: unknown, text?: string) =>
      void said.push({ level, fields: fields as never, text: text ?? '' });
  return log;
}

const dayAgo = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10);

test('retention is set on every table in one go, read back, left alone when right, and follows the configuration', async () => {
  const { client, ttl } = await openDatabase('kept');
  const said: Parameters<typeof keepingLogger>[0] = [];
  const log = keepingLogger(said);
  const first = await applyRetention(client, KEEP, log);
  expect(first.map(({ table }) => table)).toEqual(KEPT_TABLES.map(({ table }) => table));
  expect(
    first.every(({ isApplied, hasChanged, wantedS, inForceS }) => isApplied && hasChanged && wantedS === inForceS),
  ).toBe(true);
  expect(said).toMatchObject([
    { level: 'info', fields: { in_force_s: { otel_traces: 604_800, otel_traces_trace_id_ts: 777_600 } } },
  ]);
  const again = await applyRetention(client, KEEP, log);
  expect(again.some(({ hasChanged }) => hasChanged)).toBe(false);
  expect(said).toHaveLength(1);
  expect(await ttl('otel_traces')).toBe('toDateTime(Timestamp) + toIntervalSecond(604800)');
  expect(await ttl('otel_traces_trace_id_ts')).toBe('toDateTime(End) + toIntervalSecond(777600)');
  const shorter = await applyRetention(client, { ...KEEP, logsMs: 0 }, log);
  expect(shorter.filter(({ hasChanged }) => hasChanged)).toMatchObject([{ table: 'otel_logs', inForceS: 0 }]);
  expect(await ttl('otel_logs')).toBe('');
  const ages = { tracesMs: 1_000 * 365 * DAY_MS, metricsMs: 0, logsMs: 0, rollupsMs: 0 };
  await applyRetention(client, ages, log);
  expect(await ttl('otel_traces')).toBe('');
});

test('a shorter retention lets old parts go and a longer one keeps them, and of the columns only that of the time is touched', async () => {
  const { client, rows } = await openDatabase('unwritten');
  const count = async () => (await rows('SELECT toString(count()) AS n FROM otel_logs'))[0]?.['n'];
  const files = async (): Promise<readonly string[]> => {
    const [part] = await rows(
      "SELECT path FROM system.parts WHERE database = 'unwritten' AND table = 'otel_logs' AND active",
    );
    const folder = part?.['path'] ?? '';
    const data = (await readdir(folder))
      .filter((file) => file.endsWith('.bin') && !file.startsWith('Timestamp.'))
      .toSorted();
    return Promise.all(data.map(async (file) => `${file}:${(await stat(join(folder, file))).ino}`));
  };
  const partName = async () =>
    (await rows("SELECT name FROM system.parts WHERE database = 'unwritten' AND table = 'otel_logs' AND active"))[0]?.[
      'name'
    ];
  await client.command({
    // A file for each column, as a merge of the day's parts makes them.
    query:
      'ALTER TABLE otel_logs MODIFY SETTING merge_with_ttl_timeout = 0, min_bytes_for_wide_part = 0, min_level_for_wide_part = 0',
  });
  await applyRetention(client, KEEP, silentLogger());
  await client.command({
    query: `INSERT INTO otel_logs (Timestamp, Body) SELECT now() - INTERVAL 3 DAY, toString(number) FROM numbers(1000)`,
  });
  const [before, nameBefore] = [await files(), await partName()];
  expect(before.length).toBeGreaterThan(5);
  await applyRetention(client, { ...KEEP, logsMs: 30 * DAY_MS }, silentLogger());
  await expect.poll(partName, { timeout: 20_000 }).not.toBe(nameBefore);
  expect(await files()).toEqual(before);
  expect(await count()).toBe('1000');
  await applyRetention(client, { ...KEEP, logsMs: DAY_MS }, silentLogger());
  await expect.poll(count, { timeout: 20_000 }).toBe('0');
});

test('a table that somebody changed by hand is brought back, and one that cannot be is told', async () => {
  const { client, config, ttl } = await openDatabase('byhand');
  const said: Parameters<typeof keepingLogger>[0] = [];
  const kept: TocsinConfig = { ...config, collector: { ...config.collector, retention: KEEP } };
  const upkeep = createUpkeep({ config: kept, log: keepingLogger(said), retentionEveryMs: 200, diskEveryMs: 200 });
  onTestFinished(() => upkeep.stop());
  upkeep.start();
  await expect.poll(() => said.length, { timeout: 20_000 }).toBe(1);
  await client.command({ query: 'ALTER TABLE otel_logs REMOVE TTL' });
  await expect.poll(() => ttl('otel_logs'), { timeout: 20_000 }).toContain('604800');
  await expect.poll(() => said.length, { timeout: 20_000 }).toBe(2);
  upkeep.reload({ ...kept, collector: { ...kept.collector, retention: { ...KEEP, logsMs: DAY_MS } } });
  await expect.poll(() => ttl('otel_logs'), { timeout: 20_000 }).toContain('(86400)');
  await upkeep.stop();
  expect(said.filter(({ level }) => level !== 'info')).toEqual([]);
  // A database of which this user may change nothing.
  const refusing = createClickHouse(kept, { application: 'test', readonly: true });
  onTestFinished(() => refusing.close());
  const report = await applyRetention(refusing, KEEP, keepingLogger(said));
  expect(report.find(({ table }) => table === 'otel_logs')).toMatchObject({
    isApplied: false,
    inForceS: 86_400,
    wantedS: 604_800,
  });
  expect(said.map(({ text }) => text)).toContain('retention: ClickHouse has another one than configured');
});

test('on a full disk the oldest partition goes first, one at a time, said aloud; two collectors do what one does; today stays', async () => {
  const { client, rows } = await openDatabase('full');
  for (const days of [0, 1, 3]) {
    await client.command({
      query: `INSERT INTO otel_traces (Timestamp, TraceId) SELECT now() - INTERVAL ${days} DAY, 't${days}' FROM numbers(10)`,
    });
    await client.command({
      query: `INSERT INTO otel_logs (Timestamp) SELECT now() - INTERVAL ${days + 1} DAY FROM numbers(10)`,
    });
  }
  const state = await readDiskState(client, undefined);
  expect(state).toMatchObject({ disk: 'default' });
  expect(state?.freeBytes).toBeGreaterThan(0);
  expect(state?.totalBytes).toBeGreaterThan(state?.freeBytes ?? 0);

  const gone: Partition[] = [];
  const said: Parameters<typeof keepingLogger>[0] = [];
  const watch = (bytes: number, dropsOldest = true) =>
    createDiskWatch({
      client,
      cluster: undefined,
      log: keepingLogger(said),
      marks: { lowWaterBytes: bytes, highWaterBytes: bytes },
      dropsOldest,
      now: Date.now,
      onState: () => {},
      onDropped: (partition) => void gone.push(partition),
    });
  await watch(1)();
  await watch(2 ** 60, false)();
  expect(gone).toEqual([]);
  const [one, other] = [watch(2 ** 60), watch(2 ** 60)];
  await Promise.all([one(), other()]);
  expect(gone.map(({ table, partition }) => `${table} ${partition}`)).toEqual(
    Array.from({ length: 2 }, () => `otel_logs ${dayAgo(4)}`),
  );
  for (let times = 0; times < 6; times += 1) await one();
  const later = gone.slice(2).filter(({ table }) => table !== 'otel_traces_trace_id_ts');
  expect(later.map(({ table, partition }) => `${table} ${partition}`)).toEqual([
    `otel_traces ${dayAgo(3)}`,
    `otel_logs ${dayAgo(2)}`,
    expect.stringMatching(/^otel_(?:logs|traces) /),
    expect.stringMatching(/^otel_(?:logs|traces) /),
  ]);
  expect(said.find(({ level }) => level === 'warn')).toMatchObject({
    fields: { table: 'otel_logs', partition: dayAgo(4), bytes: gone[0]?.bytes },
    text: 'disk: nearly full; the oldest partition was dropped',
  });
  expect(said.filter(({ text }) => text === 'disk: nearly full, and nothing is older than today')).toHaveLength(1);
  expect(await rows('SELECT DISTINCT TraceId FROM otel_traces')).toEqual([{ TraceId: 't0' }]);
  // Without its row in the companion a trace is not found.
  expect(await rows("SELECT TraceId FROM otel_traces_trace_id_ts WHERE TraceId = 't0'")).toEqual([{ TraceId: 't0' }]);
});

test('the engine has no log tables of its own that could grow', async () => {
  const query = "SELECT name FROM system.tables WHERE database = 'system' AND match(name, '_log(?:_[0-9]+)?$')";
  const result = await clickhouse.client().query({ query, format: 'JSONEachRow' });
  expect(await result.json()).toEqual([]);
});

test('the statements of docs/clickhouse.md are ones that ClickHouse understands', async () => {
  const client = clickhouse.client();
  const page = await readFile(new URL('../../../docs/clickhouse.md', import.meta.url), 'utf8');
  const statements = [...page.matchAll(/```sql\n(.*?)```/gs)].flatMap(([, sql]) =>
    splitStatements((sql ?? '').replaceAll(/; --.*/g, ';')),
  );
  expect(statements).toHaveLength(7);
  for (const statement of statements) {
    const query = 'SELECT formatQuery({statement:String})';
    const result = await client.query({ query, query_params: { statement }, format: 'TabSeparatedRaw' });
    expect(await result.text(), statement).toMatch(/^(?:CREATE USER|GRANT)/);
  }
});
