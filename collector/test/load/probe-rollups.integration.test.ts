import { silentLogger } from '@tocsin/service/log';
import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createDatabaseDoor } from '../../src/load/database-door.ts';
import { loadSegment } from '../../src/load/load-segment.ts';
import { attributeList, type Attributes, encodeRequest } from './otlp.ts';
import { segmentLoad } from './segment-load.ts';
import { openStage, selectRows, type Stage } from './stage.ts';

const NOON_S = 1_763_812_800;
const DAY = '2025-11-22';
let clickhouse: TestClickHouse;
let stage: Stage;

beforeAll(async () => {
  clickhouse = await startTestClickHouse();
  stage = await openStage(clickhouse.url);
  // The first to come makes the tables; here, so that no test's time is spent on it.
  const door = createDatabaseDoor(stage.config, silentLogger());
  await door.prepare();
  await door.close();
});

afterAll(async () => {
  await stage?.close();
  await clickhouse?.stop();
});

/** A point of one of the checker's metrics; times in seconds after noon. */
interface Point {
  readonly metric: string;
  readonly atS: number;
  readonly tookMs?: number;
  readonly value: number;
  readonly attributes: Attributes;
}

const nanos = (afterS: number): string => String(BigInt(NOON_S) * 1_000_000_000n + BigInt(Math.round(afterS * 1e9)));

function encodeMetrics(service: string, points: readonly Point[], location = 'riga'): Uint8Array {
  const metrics = points.map(({ metric, atS, tookMs = 0, value, attributes }) => {
    const point = {
      start_time_unix_nano: nanos(atS - tookMs / 1_000),
      time_unix_nano: nanos(atS),
      attributes: attributeList(attributes),
    };
    return metric === 'tocsin.probe.runs'
      ? {
          name: metric,
          sum: {
            data_points: [{ ...point, as_int: String(value) }],
            aggregation_temporality: 1,
            is_monotonic: true,
          },
        }
      : { name: metric, gauge: { data_points: [{ ...point, as_double: value }] } };
  });
  const resource = { attributes: attributeList({ 'service.name': service, 'tocsin.location': location }) };
  return encodeRequest('metrics', { resource_metrics: [{ resource, scope_metrics: [{ metrics }] }] });
}

async function store(points: readonly Point[], { service = 'tocsin-checker', location = 'riga' } = {}): Promise<void> {
  const body = encodeMetrics(service, points, location);
  await stage.journal.append('metrics', body, { items: points.length, self: false });
  await stage.settle();
}

function run(monitor: string, atS: number, outcome: string, more: { tookMs?: number; marks?: Attributes } = {}): Point {
  const { tookMs = 1, marks = {} } = more;
  const reason = outcome === 'up' ? 'ok' : outcome === 'down' ? 'timeout' : 'dns_unavailable';
  const attributes = {
    'tocsin.monitor.name': monitor,
    'tocsin.monitor.kind': 'http',
    ...marks,
    'tocsin.probe.outcome': outcome,
    'tocsin.probe.reason': reason,
  };
  return { metric: 'tocsin.probe.runs', atS, tookMs, value: 1, attributes };
}

const state = (monitor: string, atS: number, of: string, more: Attributes = {}): Point => ({
  metric: 'tocsin.monitor.up',
  atS,
  value: of === 'down' ? 0 : 1,
  attributes: { 'tocsin.monitor.name': monitor, 'tocsin.monitor.kind': 'http', 'tocsin.monitor.state': of, ...more },
});

test('runs are counted by monitor, location, hour and day, outcome, reason and marks, with their durations', async () => {
  const inMaintenance = { 'tocsin.probe.maintenance': true, 'tocsin.probe.excluded': true };
  await store([
    run('shop', 10, 'up'),
    run('shop', 70, 'up', { tookMs: 2 }),
    run('shop', 130, 'down', { tookMs: 5_000 }),
    run('shop', 190, 'unknown'),
    run('shop', 250, 'down', { marks: inMaintenance, tookMs: 0 }),
    run('shop', 3_610, 'up'),
  ]);
  await store([run('shop', 20, 'up')], { location: 'oslo' });
  // Not the checker's: another service may send what it likes.
  await store([run('shop', 30, 'down')], { service: 'shop' });
  const select = (table: string) =>
    selectRows(
      clickhouse,
      `SELECT toString(Time) AS Time, Location, Outcome, Reason, InMaintenance, IsExcluded, sum(Runs) AS Runs, sum(DurationSum) AS DurationSum,
         sumMap(DurationBuckets) AS Buckets
       FROM ${table} WHERE MonitorName = 'shop' AND MonitorKind = 'http' GROUP BY ALL ORDER BY Location, Time, Outcome, InMaintenance`,
    );
  const noon = { Time: `${DAY} 12:00:00`, Location: 'riga', InMaintenance: false, IsExcluded: false, Runs: '1' };
  const day = { ...noon, Time: `${DAY} 00:00:00` };
  const up = { Outcome: 'up', Reason: 'ok', Runs: '1', DurationSum: '1000000', Buckets: { 159: '1' } };
  const down = { Outcome: 'down', Reason: 'timeout' };
  const bad = [
    // 2^(257/8) is 4.68e9 and 2^(258/8) is 5.11e9.
    { ...down, DurationSum: '5000000000', Buckets: { 257: '1' } },
    { ...down, InMaintenance: true, IsExcluded: true, DurationSum: '0', Buckets: { '-1': '1' } },
    { Outcome: 'unknown', Reason: 'dns_unavailable', DurationSum: '1000000', Buckets: { 159: '1' } },
  ];
  const both = { Runs: '2', DurationSum: '3000000', Buckets: { 159: '1', 167: '1' } };
  expect(await select('tocsin_probe_runs_1h')).toEqual([
    { ...noon, ...up, Location: 'oslo' },
    ...bad.slice(0, 2).map((each) => ({ ...noon, ...each })),
    { ...noon, ...bad[2] },
    { ...noon, ...up, ...both },
    { ...noon, ...up, Time: `${DAY} 13:00:00` },
  ]);
  const three = { Runs: '3', DurationSum: '4000000', Buckets: { 159: '2', 167: '1' } };
  expect(await select('tocsin_probe_runs_1d')).toEqual([
    { ...day, ...up, Location: 'oslo' },
    ...bad.map((each) => ({ ...day, ...each })),
    { ...day, ...up, ...three },
  ]);
});

test('a result that arrives days late counts in the hour and the day it belongs to', async () => {
  await store([run('late', -3 * 86_400 + 5, 'down'), run('late', 5, 'up')]);
  const query = (table: string) =>
    `SELECT toString(Time) AS Time, Outcome FROM ${table} WHERE MonitorName = 'late' ORDER BY Time`;
  expect(await selectRows(clickhouse, query('tocsin_probe_runs_1h'))).toEqual([
    { Time: '2025-11-19 12:00:00', Outcome: 'down' },
    { Time: `${DAY} 12:00:00`, Outcome: 'up' },
  ]);
  expect(await selectRows(clickhouse, query('tocsin_probe_runs_1d'))).toEqual([
    { Time: '2025-11-19 00:00:00', Outcome: 'down' },
    { Time: `${DAY} 00:00:00`, Outcome: 'up' },
  ]);
});

test('phases have their sums by hour and day', async () => {
  const phase = (of: string, atS: number, value: number): Point => ({
    metric: 'tocsin.probe.duration',
    atS,
    value,
    attributes: { 'tocsin.monitor.name': 'phased', 'tocsin.monitor.kind': 'http', 'tocsin.probe.phase': of },
  });
  await store([phase('total', 1, 0.5), phase('tls', 1, 0.25), phase('total', 2, 1), phase('total', 3_601, 2)]);
  const select = (table: string) =>
    selectRows(
      clickhouse,
      `SELECT toHour(Time) AS hour, Phase, sum(Runs) AS runs, sum(DurationSum) AS ns, max(DurationMax) AS max
       FROM ${table} WHERE MonitorName = 'phased' GROUP BY ALL ORDER BY hour, Phase`,
    );
  expect(await select('tocsin_probe_phases_1h')).toEqual([
    { hour: 12, Phase: 'tls', runs: '1', ns: '250000000', max: '250000000' },
    { hour: 12, Phase: 'total', runs: '2', ns: '1500000000', max: '1000000000' },
    { hour: 13, Phase: 'total', runs: '1', ns: '2000000000', max: '2000000000' },
  ]);
  expect(await select('tocsin_probe_phases_1d')).toEqual([
    { hour: 0, Phase: 'tls', runs: '1', ns: '250000000', max: '250000000' },
    { hour: 0, Phase: 'total', runs: '3', ns: '3500000000', max: '2000000000' },
  ]);
});

test('seconds in each state come from slots of 30 s, however often a state is said', async () => {
  await store([state('slots', 0, 'up'), state('slots', 30, 'up'), state('slots', 45, 'down')]);
  await store([state('slots', 60, 'down'), state('slots', 61, 'down'), state('slots', 119.9, 'degraded')]);
  await store([
    state('slots', 3_599.9, 'unknown'),
    state('slots', 120, 'down', { 'tocsin.monitor.muted_by': 'maintenance' }),
    state('slots', 150, 'down', { 'tocsin.monitor.muted_by': 'dependency' }),
  ]);
  const [row] = await selectRows(
    clickhouse,
    `SELECT toString(Time) AS Time, bitCount(groupBitOr(Known)) * 30 AS known, bitCount(groupBitOr(Down)) * 30 AS down, bitCount(groupBitOr(Degraded)) * 30 AS degraded,
       bitCount(groupBitOr(Unknown)) * 30 AS unknown, bitCount(bitAnd(groupBitOr(Down), bitNot(groupBitOr(InMaintenance)))) * 30 AS counted
     FROM tocsin_monitor_states_1h WHERE MonitorName = 'slots' GROUP BY Time`,
  );
  expect(row).toEqual({
    Time: `${DAY} 12:00:00`,
    known: 180,
    down: 120,
    degraded: 30,
    unknown: 30,
    counted: 90,
  });
});

test('a segment that is loaded again counts nothing twice, in hours and in days', async () => {
  const door = createDatabaseDoor(stage.config, silentLogger());
  onTestFinished(() => door.close());
  const quiet = await openStage(clickhouse.url, { start: false });
  onTestFinished(() => quiet.close());
  // Two segments with equal rows: they are not the same insert, so both count.
  for (let segment = 0; segment < 2; segment += 1) {
    const body = encodeMetrics('tocsin-checker', [run('again', 0, 'up'), run('again', -86_400, 'down')]);
    await quiet.journal.append('metrics', body, { items: 2, self: false });
    await quiet.journal.sealAll();
  }
  const segments = quiet.journal.sealed();
  expect(segments).toHaveLength(2);
  for (const segment of [...segments, ...segments, ...segments]) {
    const load = await segmentLoad(quiet.directory, segment.name, { insert: door.insert });
    expect((await loadSegment(segment, load)).status).toBe('loaded');
  }
  for (const table of ['tocsin_probe_runs_1h', 'tocsin_probe_runs_1d']) {
    const query = `SELECT Outcome, sum(Runs) AS runs FROM ${table} WHERE MonitorName = 'again' GROUP BY Outcome ORDER BY Outcome`;
    expect(await selectRows(clickhouse, query), table).toEqual([
      { Outcome: 'down', runs: '2' },
      { Outcome: 'up', runs: '2' },
    ]);
  }
});

test('a year of a thousand monitors is a few hundred thousand rows to read', async () => {
  const client = clickhouse.client();
  onTestFinished(() => client.close());
  await client.command({
    query: `INSERT INTO tocsin_probe_runs_1d (Time, Location, MonitorName, MonitorKind, Outcome, Reason, Runs, DurationSum, DurationBuckets)
      SELECT toDateTime('2024-11-22 00:00:00') + intDiv(number, 1000) * 86400, 'year', concat('year-', toString(number % 1000)), 'http', 'up', 'ok', 1440, 144000000,
        mapFromArrays(arrayMap(b -> toInt16(200 + b), range(20)), arrayMap(b -> toUInt64(72), range(20)))
      FROM numbers(365000)`,
    clickhouse_settings: { max_partitions_per_insert_block: '0' },
  });
  const startMs = performance.now();
  const answer = await client.query({
    query: `SELECT MonitorName, sumIf(Runs, Outcome IN ('up', 'degraded')) / sum(Runs) AS availability,
        sumMap(DurationBuckets) AS buckets, arraySum(mapValues(buckets)) AS runs,
        pow(2, (mapKeys(buckets)[arrayFirstIndex(c -> c >= runs * 0.95, arrayCumSum(mapValues(buckets)))] + 0.5) / 8) / 1e9 AS p95
      FROM tocsin_probe_runs_1d
      WHERE Time >= '2024-11-22 00:00:00' AND Time < '2025-11-22 00:00:00' AND Location = 'year' AND Outcome != 'unknown' AND NOT IsExcluded
      GROUP BY MonitorName`,
    format: 'JSON',
  });
  const { data, statistics } = await answer.json<{ availability: number; p95: number; runs: string }>();
  const tookMs = performance.now() - startMs;
  expect(data).toHaveLength(1_000);
  expect(data[0]).toMatchObject({ availability: 1, runs: 365 * 1_440 });
  // Bucket 218 of 200 to 219 holds the 95th of 100 runs.
  expect(data[0]!.p95).toBeCloseTo(2 ** (218.5 / 8) / 1e9, 6);
  expect(statistics!.rows_read).toBeLessThan(500_000);
  expect(tookMs).toBeLessThan(5_000);
});
