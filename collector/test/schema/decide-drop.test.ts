import { expect, test } from 'vitest';
import { decideDrop, type DiskState, lastDayOf, type Partition } from '../../src/schema/disk/decide-drop.ts';
import { readMigrations, tablesOf } from '../../src/schema/migrations.ts';
import { KEPT_TABLES } from '../../src/schema/retention-table.ts';
import { wantedSeconds } from '../../src/schema/retention.ts';
import { parseStatement } from '../../src/schema/statement/statement.ts';

const GIB = 2 ** 30;
const NOW = Date.parse('2026-11-22T10:00:00Z');
const MARKS = { lowWaterBytes: GIB, highWaterBytes: 2 * GIB };

const part = (table: string, partition: string, bytes = 100): Partition => ({
  table,
  partition,
  id: partition.replaceAll('-', ''),
  bytes,
});
const state = (freeBytes: number, partitions: readonly Partition[], pendingBytes = 0): DiskState => ({
  disk: 'default',
  freeBytes,
  totalBytes: 100 * GIB,
  pendingBytes,
  partitions,
});
const OLD = part('otel_logs', '2026-11-20');

/** What goes, one after the other, while the disk stays full. */
function orderOf(partitions: readonly Partition[]): readonly string[] {
  const left = [...partitions];
  const gone: string[] = [];
  for (;;) {
    const decision = decideDrop(state(0, left), MARKS, true, NOW);
    if (decision.action === 'none') return gone;
    gone.push(`${decision.partition.table} ${decision.partition.partition}`);
    left.splice(left.indexOf(decision.partition), 1);
  }
}

test('begins below the low-water mark and goes on up to the high one', () => {
  const decide = (free: number, hasBegun: boolean, pending = 0) =>
    decideDrop(state(free, [OLD], pending), MARKS, hasBegun, NOW).action;
  expect(decide(GIB, false)).toBe('none');
  expect(decide(GIB - 1, false)).toBe('drop');
  expect(decide(2 * GIB - 1, true)).toBe('drop');
  expect(decide(2 * GIB, true)).toBe('none');
  // What is being removed counts: nothing goes that need not.
  expect(decide(GIB - 1, false, 1)).toBe('none');
  expect(decide(GIB - 1, true, GIB + 1)).toBe('none');
});

test('the oldest day goes first across signals, the larger first of one day, and never today nor what is to come', () => {
  expect(
    orderOf([
      part('otel_traces', '2026-11-22'),
      part('otel_traces', '2026-11-23'),
      part('otel_traces', '2026-11-21'),
      part('otel_logs', '2026-11-20', 1),
      part('otel_metrics_sum', '2026-11-20', 2),
      part('otel_metrics_gauge', '2026-10-01'),
      part('otel_metrics_gauge', 'tuple()'),
      part('somebody_elses', '2020-01-01'),
    ]),
  ).toEqual([
    'otel_metrics_gauge 2026-10-01',
    'otel_metrics_sum 2026-11-20',
    'otel_logs 2026-11-20',
    'otel_traces 2026-11-21',
  ]);
  expect(decideDrop(state(0, [part('otel_logs', '2026-11-22')]), MARKS, false, NOW)).toEqual({
    action: 'none',
    reason: 'nothing_old',
  });
});

test('rollups go when nothing else is left', () => {
  expect(
    orderOf([
      part('otel_traces_service_1m', '202401'),
      part('otel_services', 'tuple()'),
      part('otel_known_values', '202601'),
      part('otel_logs', '2026-11-21'),
      part('otel_logs_1m', '202611'),
    ]),
  ).toEqual(['otel_known_values 202601', 'otel_logs 2026-11-21', 'otel_traces_service_1m 202401']);
});

test('the companion goes after the spans it finds, two days later', () => {
  expect(
    orderOf([
      part('otel_traces_trace_id_ts', '2026-11-01'),
      ...['2026-11-07', '2026-11-08', '2026-11-09', '2026-11-10'].map((day) => part('otel_traces', day)),
    ]),
  ).toEqual([
    'otel_traces 2026-11-07',
    'otel_traces 2026-11-08',
    'otel_traces 2026-11-09',
    'otel_traces_trace_id_ts 2026-11-01',
    'otel_traces 2026-11-10',
  ]);
});

test('the last day of a partition', () => {
  expect(lastDayOf({ partition: 'day' }, '2026-11-22')).toBe('2026-11-22');
  expect(lastDayOf({ partition: 'week' }, '2026-11-29')).toBe('2026-12-05');
  expect(lastDayOf({ partition: 'month' }, '202602')).toBe('2026-02-28');
  expect(lastDayOf({ partition: 'month' }, '2028-02-01')).toBe('2028-02-29');
  expect(lastDayOf({ partition: 'month' }, 'tuple()')).toBeUndefined();
});

test('every table with rows has its line, with the span of its partitions and a column of its own', async () => {
  const statements = (await readMigrations()).flatMap((one) => one.statements.map(parseStatement));
  const stored = statements.filter((one) => one.kind === 'create_table' && one.engine !== 'Null');
  expect(KEPT_TABLES.map(({ table }) => table).toSorted()).toEqual(stored.map(({ name }) => name).toSorted());
  expect(tablesOf(await readMigrations())).toEqual(expect.arrayContaining(KEPT_TABLES.map(({ table }) => table)));
  const keys = {
    day: /^toDate\(\w+\)$/,
    week: /^toStartOfWeek\(\w+\)$/,
    month: /^(?:toYYYYMM|toStartOfMonth)\(\w+\)$/,
    none: /^$/,
  };
  for (const { table, partition, time } of KEPT_TABLES) {
    const sql = stored.find(({ name }) => name === table)?.sql ?? '';
    expect(/PARTITION BY (.+)/.exec(sql)?.[1] ?? '', table).toMatch(keys[partition]);
    expect(sql, table).toMatch(new RegExp(`^\\s*\`?${time}\`? `, 'm'));
  }
});

test('how long a table is kept', () => {
  const day = 86_400_000;
  const retention = { tracesMs: 7 * day, metricsMs: 0, logsMs: 60 * 365 * day, rollupsMs: 730 * day };
  const seconds = Object.fromEntries(KEPT_TABLES.map((kept) => [kept.table, wantedSeconds(kept, retention)]));
  expect(seconds).toMatchObject({
    otel_traces: 604_800,
    otel_traces_trace_id_ts: 777_600,
    otel_logs: 0,
    otel_metrics_sum: 0,
  });
});
