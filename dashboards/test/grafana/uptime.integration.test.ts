import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { monitorAvailability } from '../../src/queries/monitor-availability.ts';
import { monitorUptime } from '../../src/queries/monitor-uptime.ts';
import { pointRow, timestamp } from '../seed/rows.ts';
import { createTables } from '../seed/schema.ts';
import { expandMacros } from './expand-macros.ts';
import { readQueries } from './read-dashboards.ts';

/*
 * Uptime, told by heart from every single run of four hundred days, against what the console and Grafana read from the rollups: up and degraded count as up,
 * unknown and what maintenance leaves out do not count, all locations together; 24 hours are hours that began within the last 24, the others days of UTC.
 */
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW_MS = Date.UTC(2026, 10, 22, 12, 34, 56);
const MONITORS = ['steady', 'flapping', 'gone for a month', 'young', 'maintained', 'blind'] as const;
const LOCATIONS = ['riga', 'oslo', 'york'];

interface Run {
  readonly monitor: string;
  readonly location: string;
  readonly endMs: number;
  readonly durationMs: number;
  readonly outcome: 'up' | 'degraded' | 'down' | 'unknown';
  readonly isExcluded: boolean;
}

/** Even numbers in [0, 1), the same in every run. Source: Park and Miller, Random number generators, 1988. */
function randomFractions(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

function makeRuns(): readonly Run[] {
  const random = randomFractions(4_711);
  const runs: Run[] = [];
  for (const monitor of MONITORS)
    for (const location of LOCATIONS)
      for (let endMs = NOW_MS - 400 * DAY_MS; endMs < NOW_MS; endMs += 2 * HOUR_MS + random() * 3 * HOUR_MS) {
        const ageDays = (NOW_MS - endMs) / DAY_MS;
        if (monitor === 'gone for a month' && ageDays > 20 && ageDays < 50) continue;
        if (monitor === 'young' && ageDays > 9) continue;
        const failing = monitor === 'flapping' ? 0.4 : location === 'york' ? 0.05 : 0.01;
        const fate = random();
        const outcome =
          monitor === 'blind' || fate > 0.93 ? 'unknown' : fate < failing ? 'down' : fate < 0.2 ? 'degraded' : 'up';
        const isExcluded = monitor === 'maintained' && random() < 0.3;
        runs.push({
          monitor,
          location,
          endMs: Math.round(endMs),
          durationMs: Math.ceil(10 ** (3 * random())),
          outcome,
          isExcluded,
        });
      }
  return runs;
}

const RUNS = makeRuns();
/** When the stretch of so many days begins that ends now: runs from then on are in it. */
const beginOf = (days: number): number =>
  days === 1
    ? Math.ceil((NOW_MS - DAY_MS + 1) / HOUR_MS) * HOUR_MS
    : Math.floor(NOW_MS / DAY_MS) * DAY_MS - (days - 1) * DAY_MS;
const counted = (monitor: string, fromMs: number): readonly Run[] =>
  RUNS.filter((run) => run.monitor === monitor && run.endMs >= fromMs && run.outcome !== 'unknown' && !run.isExcluded);
const shareOf = (runs: readonly Run[]): number | null =>
  runs.length === 0 ? null : runs.filter(({ outcome }) => outcome !== 'down').length / runs.length;
/** The smallest duration that so many of the runs that were not down do not exceed, in ms. */
function percentileOf(runs: readonly Run[], level: number): number {
  const durations = runs
    .flatMap(({ outcome, durationMs }) => (outcome === 'down' ? [] : [durationMs]))
    .toSorted((a, b) => a - b);
  return durations[Math.ceil(level * durations.length) - 1] ?? NaN;
}
/** Of a bucket's middle. */
const BUCKET = 2 ** (1 / 16) * 1.000_1;
const expectAlike = (found: unknown, expected: number): void => {
  expect(Number(found) / expected).toBeGreaterThan(1 / BUCKET);
  expect(Number(found) / expected).toBeLessThan(BUCKET);
};

let clickhouse: TestClickHouse;
beforeAll(async () => {
  clickhouse = await startTestClickHouse();
  const client = clickhouse.client();
  await createTables(client);
  const values = RUNS.map(({ monitor, location, endMs, durationMs, outcome, isExcluded }) => {
    const marks = isExcluded ? { 'tocsin.probe.maintenance': 'true', 'tocsin.probe.excluded': 'true' } : {};
    const attributes = {
      'tocsin.monitor.name': monitor,
      'tocsin.monitor.kind': 'http',
      'tocsin.probe.outcome': outcome,
      'tocsin.probe.reason': outcome,
      ...marks,
    };
    return {
      ...pointRow('tocsin.probe.runs', endMs, 1, attributes),
      ResourceAttributes: { 'service.name': 'tocsin-checker', 'tocsin.location': location },
      StartTimeUnix: timestamp(endMs - durationMs),
      AggregationTemporality: 1,
      IsMonotonic: true,
    };
  });
  // In two inserts, so that the rollups have rows that are not merged.
  const settings = { max_partitions_per_insert_block: '0' };
  for (const part of [values.filter((_row, index) => index % 3 > 0), values.filter((_row, index) => index % 3 === 0)])
    await client.insert({
      table: 'otel_metrics_sum',
      values: part,
      format: 'JSONEachRow',
      clickhouse_settings: settings,
    });
});
afterAll(() => clickhouse?.stop());

async function select(query: string, parameters: Record<string, unknown> = {}): Promise<Record<string, unknown>[]> {
  const result = await clickhouse.client().query({ query, query_params: parameters, format: 'JSONEachRow' });
  return result.json<Record<string, unknown>>();
}

async function panel(
  place: string,
  type: string,
  fromMs: number,
  toMs: number,
  monitor: readonly string[] | '$__all' = '$__all',
) {
  const query = (await readQueries()).find(
    (one) => one.dashboard === 'uptime.json' && one.place === place && one.panelType === type,
  );
  const sql = expandMacros(query?.rawSql ?? '', { fromMs, toMs, intervalMs: 60_000, variables: { monitor } });
  // What reads the clock reads ours.
  return select(
    sql.replaceAll('now()', `toDateTime(${NOW_MS / 1_000})`).replaceAll('today()', `toDate(${NOW_MS / 1_000})`),
  );
}

describe.each(MONITORS)('of %s', (monitor) => {
  test('the console tells what the runs tell, over each stretch of time', async () => {
    const rows = await select(monitorUptime.sql, { monitor, now_ms: NOW_MS });
    const told = new Map(rows.map((row) => [row['days'], row]));
    for (const days of [1, 7, 30, 90, 365]) {
      const runs = counted(monitor, beginOf(days));
      const failed = runs.filter(({ outcome }) => outcome === 'down').length;
      const row = told.get(days);
      expect(row === undefined ? [0, 0] : [row['passed'], row['failed']], `${days} days`).toEqual([
        runs.length - failed,
        failed,
      ]);
      for (const [column, level] of row === undefined
        ? []
        : ([
            ['p50_ms', 0.5],
            ['p95_ms', 0.95],
            ['p99_ms', 0.99],
          ] as const))
        expectAlike(row?.[column], percentileOf(runs, level));
    }
  });

  test('its first page and its own page say the same of 24 hours', async () => {
    const rows = await select(monitorAvailability.sql, { since_ms: NOW_MS - DAY_MS, now_ms: NOW_MS });
    const { passed = 0, failed = 0 } = rows.find((row) => row['monitor'] === monitor) ?? {};
    const [day] = (await select(monitorUptime.sql, { monitor, now_ms: NOW_MS })).filter(({ days }) => days === 1);
    expect([passed, failed]).toEqual([day?.['passed'] ?? 0, day?.['failed'] ?? 0]);
  });

  test('Grafana tells the same', async () => {
    const [row] = await panel('Availability and response times', 'table', NOW_MS - HOUR_MS, NOW_MS, [monitor]);
    for (const [column, days] of [
      ['24h', 1],
      ['7d', 7],
      ['30d', 30],
      ['90d', 90],
      ['365d', 365],
    ] as const)
      expect(row?.[column] ?? null, column).toEqual(shareOf(counted(monitor, beginOf(days))));
    for (const [column, level] of row === undefined
      ? []
      : ([
          ['p50', 0.5],
          ['p95', 0.95],
          ['p99', 0.99],
        ] as const))
      expectAlike(Number(row?.[column]) * 1_000, percentileOf(counted(monitor, beginOf(30)), level));
    // The number at the top: below two days every run of the range, above it the hours that begin in it.
    for (const hours of [5, 47, 49, 24 * 40]) {
      const fromMs = NOW_MS - hours * HOUR_MS;
      const firstMs = hours < 48 ? fromMs : Math.ceil(fromMs / HOUR_MS) * HOUR_MS;
      const [number] = await panel('Availability', 'stat', fromMs, NOW_MS, [monitor]);
      expect(number?.['availability'], `${hours} h`).toEqual(shareOf(counted(monitor, firstMs)));
    }
  });
});

test('what the numbers rest on is not empty', () => {
  expect(counted('blind', 0)).toEqual([]);
  for (const monitor of MONITORS.slice(0, 5)) {
    expect(counted(monitor, beginOf(1)).length, monitor).toBeGreaterThan(10);
    expect(shareOf(counted(monitor, beginOf(365))), monitor).toBeLessThan(1);
  }
  expect(shareOf(counted('maintained', 0))).not.toEqual(
    shareOf(RUNS.filter(({ monitor }) => monitor === 'maintained')),
  );
});
