import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LogHistogram, LogPage } from '../../src/logs/contract-types.ts';
import type { MetricSeries } from '../../src/metrics/contract-types.ts';
import type { MonitorHistory, MonitorPage, MonitorRuns } from '../../src/monitor/contract-types.ts';
import type { MetricNamesRow } from '../../src/queries/metric-names.ts';
import { seedLogHour } from '../seed/log-hour.ts';
import { HOSTILE, seedMetricHour } from '../seed/metric-hour.ts';
import { seedMonitorExtras, shownIncident } from '../seed/monitor-extras.ts';
import { seedProbeDays } from '../seed/probe-days.ts';
import { hexId } from '../seed/rows.ts';
import { createTables } from '../seed/schema.ts';
import { type Seeded, seedHour } from '../seed/seed.ts';
import {
  type AlertingStandIn,
  type ConsoleUnderTest,
  MONITORS_YAML,
  startAlertingStandIn,
  startConsole,
} from './console-under-test.ts';

const HOUR_MS = 3_600_000;
/** Whole steps of metrics that come every minute. */
const NOW_MS = Math.floor(Date.now() / 120_000) * 120_000;

let clickhouse: TestClickHouse;
let alerting: AlertingStandIn;
let console: ConsoleUnderTest;
let seeded: Seeded;

beforeAll(async () => {
  [clickhouse, alerting] = await Promise.all([startTestClickHouse(), startAlertingStandIn()]);
  const client = clickhouse.client();
  await createTables(client);
  seeded = await seedHour(client, NOW_MS);
  await seedProbeDays(client, 'shop', NOW_MS);
  await seedMonitorExtras(client, seeded.failedProbeTraceId, NOW_MS);
  await seedMetricHour(client, NOW_MS);
  await seedLogHour(client, NOW_MS);
  console = await startConsole(clickhouse.url, alerting.port, MONITORS_YAML);
});

afterAll(async () => {
  await console.stop();
  await alerting.stop();
  await clickhouse.stop();
});

type Input = Readonly<Record<string, string | number | readonly string[]>>;

async function ask(path: string, input: Input = {}): Promise<{ readonly status: number; readonly value: unknown }> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(input)) for (const one of [value].flat()) query.append(name, String(one));
  const response = await fetch(`${console.url}/api/v1/${path}?${query}`);
  return { status: response.status, value: await response.json() };
}

async function get<Value>(path: string, input: Input = {}): Promise<Value> {
  const { status, value } = await ask(path, input);
  expect(status, JSON.stringify(value)).toBe(200);
  return value as Value;
}

const HOUR = { from: NOW_MS - HOUR_MS, to: NOW_MS };

describe('log records', () => {
  const find = (input: Input) => get<LogPage>('logs', { ...HOUR, ...input });
  const bodies = async (input: Input) => (await find(input)).records.map(({ body }) => body);

  test.each<readonly [string, Input, readonly string[]]>([
    [
      'words in any case, all of them',
      { q: 'BELT motor', limit: 2 },
      ['59', '58'].map((one) => `Belt stopped: motor ${one} too hot`),
    ],
    ['words that are not there', { q: 'belt -slow -moves -59', limit: 1 }, ['Belt stopped: motor 58 too hot']],
    ['words together', { q: '"parcel 7 p"' }, ['parcel 7 packed']],
    ['a severity without a number, by its text', { q: 'without', severity: 'error' }, ['without a number']],
    [
      'two severities',
      { severity: ['fatal', 'error'], limit: 2, service: ['warehouse'] },
      ['without a number', 'Belt stopped: motor 59 too hot'],
    ],
    ['an attribute', { where: ['parcel.id=7'], severity: 'info' }, ['parcel 7 packed']],
    [
      'one of two values',
      { where: ['parcel.id=7', 'parcel.id=8'], severity: 'info' },
      ['parcel 8 packed', 'parcel 7 packed'],
    ],
    [
      'an attribute that is not so',
      { where: ['parcel.hall!=south', 'parcel.id~5'], q: 'packed', limit: 3 },
      ['58', '56', '54'].map((one) => `parcel ${one} packed`),
    ],
    [
      'an attribute of the resource',
      { where: ['service.name=warehouse'], severity: 'error', limit: 1 },
      ['without a number'],
    ],
    ['the trace', { trace: hexId(0xabc, 32).toUpperCase() }, [HOSTILE.repeat(3)]],
    ['hostile words', { q: `"${HOSTILE.slice(0, 10)}"` }, [HOSTILE.repeat(3)]],
    ['a value with quotes', { where: [`parcel.id=it's \\' "x"\t],['`, `a~it's`, `b!=\\`] }, []],
    ['a service that is hostile', { service: HOSTILE }, [HOSTILE.repeat(3)]],
  ])('are found by %s', async (_by, input, expected) => {
    expect(await bodies(input)).toEqual(expected);
  });

  test('come a page after the other: every one once, though many are of one moment', async () => {
    const seen: string[] = [];
    let next: string | undefined;
    do {
      const page: LogPage = await find({
        service: 'warehouse',
        limit: 100,
        ...(next !== undefined && { before: next }),
      });
      seen.push(...page.records.map(({ at_ns, id }) => `${at_ns}.${id}`));
      next = page.next;
    } while (next !== undefined);
    expect(seen).toHaveLength(60 * 4 + 10 + 1);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.map((one) => one.split('.')[0])).toEqual(
      seen
        .map((one) => one.split('.')[0])
        .toSorted()
        .toReversed(),
    );
  });

  test('of any size are cut, and say so', async () => {
    const [record] = (await find({ severity: 'fatal' })).records;
    expect(record?.attributes[HOSTILE]).toHaveLength(1_000);
    expect(record?.body_bytes).toBe(Buffer.byteLength(HOSTILE) * 3);
  });

  test('are counted alike by rollup and by themselves', async () => {
    const count = async (input: Input) => {
      const { rows, ...steps } = await get<LogHistogram>('logs/histogram', { ...HOUR, service: 'warehouse', ...input });
      const totals = Map.groupBy(rows, ({ severity }) => severity);
      return {
        steps,
        totals: [...totals].map(([severity, all]) => [severity, all.reduce((sum, one) => sum + one.records, 0)]),
      };
    };
    const rolledUp = await count({});
    expect(new Map(rolledUp.totals as [string, number][])).toEqual(
      new Map([
        ['info', 60],
        ['debug', 60],
        ['trace', 60],
        ['warn', 60],
        ['error', 11],
      ]),
    );
    expect(await count({ where: ['service.name=warehouse'] })).toEqual(rolledUp);
  });

  test('what is not as expected is said by name', async () => {
    expect(await ask('logs', { ...HOUR, where: 'nonsense' })).toMatchObject({
      status: 400,
      value: { errors: [{ field: 'where', expected: 'key=value, key!=value or key~part' }] },
    });
    expect(await ask('logs', { from: 2, to: 1 })).toMatchObject({ status: 400 });
    expect(await ask('logs', { ...HOUR, before: '1.2; DROP' })).toMatchObject({ status: 400 });
  });

  test('services, keys and values are offered', async () => {
    expect(await get('logs/services', HOUR)).toContainEqual({ service: 'warehouse', records: 251 });
    const keys = await get<readonly { key: string }[]>('known/keys', { signal: 'logs', from: HOUR.from });
    expect(keys.map(({ key }) => key)).toContain('parcel.hall');
    const values = await get('known/values', { signal: 'logs', key: 'parcel.hall', part: 'NOR', from: HOUR.from });
    expect(values).toEqual(['north']);
  });
});

describe('metrics', () => {
  const draw = (metric: string, input: Input = {}) =>
    get<MetricSeries>('metrics/series', { ...HOUR, metric, ...input });
  const known = ({ lines }: MetricSeries, line = 0) => (lines[line]?.values ?? []).filter((value) => value !== null);

  test('are found by parts of name and description, our own last', async () => {
    const names = await get<readonly MetricNamesRow[]>('metrics', { q: 'MEASURES shop.', from: HOUR.from });
    expect(names.map(({ name, kinds }) => `${name} ${kinds.join()}`)).toContain('shop.payload exponential_histogram');
    expect(names.every(({ name }) => name.startsWith('shop.') || name.startsWith('http.'))).toBe(true);
    const all = await get<readonly MetricNamesRow[]>('metrics', { from: HOUR.from });
    expect(all.at(-1)?.name).toMatch(/^tocsin\./);
  });

  test('a counter rises evenly through the new beginning of one of its senders', async () => {
    const series = await draw('shop.requests', { by: ['http.route'] });
    expect(series).toMatchObject({
      kind: 'sum',
      isMonotonic: true,
      isDelta: false,
      view: 'rate',
      totalGroups: 2,
      stepMs: 120_000,
    });
    expect(series.lines.map(({ labels }) => labels)).toEqual([['/cart'], ['/checkout']]);
    // Two instances at a minute's 60; the first step has one of its two rises.
    expect(new Set(known(series, 0).slice(1))).toEqual(new Set([2]));
    expect(new Set(known(series, 1).slice(1))).toEqual(new Set([1]));
    const increase = await draw('shop.requests', {
      view: 'increase',
      where: ['service.instance.id=b', 'http.route!=/checkout'],
    });
    expect(new Set(known(increase).slice(1))).toEqual(new Set([120]));
  });

  test('a delta counter is what came', async () => {
    const series = await draw('shop.orders', { by: ['hostile'], view: 'increase' });
    expect(series).toMatchObject({ isDelta: true, lines: [{ labels: [HOSTILE] }] });
    expect(new Set(known(series))).toEqual(new Set([48]));
  });

  test('what also falls is drawn as it stands', async () => {
    const series = await draw('shop.carts');
    expect(series).toMatchObject({ view: 'sum', views: ['sum', 'avg', 'min', 'max'] });
    expect(Math.max(...known(series))).toBeLessThanOrEqual(12);
    expect(Math.min(...known(series))).toBeGreaterThanOrEqual(8);
  });

  test('a gauge is averaged over its series, or put together', async () => {
    expect(new Set(known(await draw('shop.memory')))).toEqual(new Set([100 * 2 ** 20]));
    expect(new Set(known(await draw('shop.memory', { view: 'sum' })))).toEqual(new Set([200 * 2 ** 20]));
  });

  test('a cumulative histogram has the percentiles of what came in each step', async () => {
    const series = await draw('http.server.request.duration');
    expect(series).toMatchObject({ view: 'percentiles', unit: 's', totalGroups: 1 });
    expect(series.lines.map(({ labels }) => labels)).toEqual([['p50'], ['p95'], ['p99']]);
    const [p50, p95] = [known(series, 0), known(series, 1)];
    expect(p50.length).toBeGreaterThan(25);
    // Nine of ten lie evenly in (0.025, 0.05], one in (0.25, 0.5].
    for (const value of p50) expect(value).toBeCloseTo(0.025 + (0.025 * 0.5) / 0.9, 6);
    for (const value of p95) expect(value).toBeCloseTo(0.375, 6);
    const rate = await draw('http.server.request.duration', { view: 'rate' });
    for (const value of known(rate).slice(1)) expect(value).toBeCloseTo(20 / 60, 6);
    const mean = await draw('http.server.request.duration', { view: 'avg' });
    for (const value of known(mean)) expect(value).toBeCloseTo(0.07, 6);
  });

  test('an exponential histogram has them within the width of its buckets', async () => {
    const series = await draw('shop.payload', { view: 'p99' });
    expect(known(series).length).toBeGreaterThan(25);
    for (const value of known(series)) expect(value).toSatisfy((one) => Number(one) > 1_024 && Number(one) <= 1_117);
  });

  test('so many groups are drawn, and it is said how many there are', async () => {
    const series = await draw('tocsin.probe.duration', { by: ['tocsin.probe.phase', 'tocsin.monitor.name'], limit: 2 });
    expect(series.lines).toHaveLength(2);
    expect(series.totalGroups).toBeGreaterThan(10);
    expect(series.lines[0]?.labels).toEqual(['total', 'pay']);
  });

  test('one that is not there is said to be missing', async () => {
    expect(await ask('metrics/series', { ...HOUR, metric: "x' OR 1=1" })).toMatchObject({ status: 404 });
  });
});

describe('a monitor', () => {
  test('has its days with the reason of most failures, and its certificate', async () => {
    const { days } = await get<MonitorPage>('monitors/shop');
    if (days.status !== 'ok') throw new Error(days.message);
    expect(days.value).toHaveLength(90);
    const worst = days.value.toSorted((a, b) => b.failed - a.failed)[0];
    expect(worst).toMatchObject({ passed: 1_980, failed: 900, reason: 'timeout' });
    const { certificates } = await get<MonitorPage>('monitors/pay');
    if (certificates.status !== 'ok') throw new Error(certificates.message);
    const day = 86_400_000;
    expect(certificates.value).toEqual([
      {
        location: 'default',
        at_ms: NOW_MS - 2_000,
        earliest_ms: NOW_MS + 9 * day + HOUR_MS,
        verified_ms: NOW_MS + 60 * day + HOUR_MS,
        protocol: '1.3',
        distrust: '',
      },
    ]);
  });

  test('has its history from runs, and over a longer time from the rollups', async () => {
    const history = await get<MonitorHistory>('monitors/shop/history', HOUR);
    expect(history).toMatchObject({ stepMs: 60_000, isRolledUp: false });
    expect(history.locations).toEqual([
      { location: 'default', passed: 114, failed: 6, p50Ms: 26, p95Ms: 26, p99Ms: 26 },
    ]);
    expect(history.steps.at(-1)).toMatchObject({ passed: 0, failed: 2, p50Ms: null });
    if (history.phases.status !== 'ok') throw new Error(history.phases.message);
    expect(history.phases.value.map(({ phase, valuesMs }) => [phase, valuesMs[5]])).toEqual([
      ['resolve', 1],
      ['connect', 2],
      ['request', 20],
      ['transfer', 3],
    ]);
    const hours = await get<MonitorHistory>('monitors/shop/history', { from: NOW_MS - 24 * HOUR_MS, to: NOW_MS });
    expect(hours).toMatchObject({ stepMs: HOUR_MS, isRolledUp: true, locations: [{ passed: 114, failed: 6 }] });
    const days = await get<MonitorHistory>('monitors/shop/history', { from: NOW_MS - 90 * 24 * HOUR_MS, to: NOW_MS });
    expect(days.locations).toMatchObject([{ failed: 900 + 4 * 40 + 6 }]);
    expect(days.steps.find((step) => step !== null)?.p95Ms).toBeCloseTo(2 ** (196.5 / 8) / 1e6, 3);
  });

  test('has the runs that did not find it up, or all, page by page', async () => {
    const failed = await get<MonitorRuns>('monitors/shop/runs', { ...HOUR, all: 'false' });
    expect(failed.runs).toHaveLength(6);
    expect(failed.runs[0]).toMatchObject({
      outcome: 'down',
      reason: 'status_mismatch',
      message: 'The status is 503; 200 was expected.',
      status_code: '503',
      trace_id: seeded.failedProbeTraceId,
      in_maintenance: false,
    });
    const times: number[] = [];
    let to: number | undefined = NOW_MS;
    while (to !== undefined) {
      const page: MonitorRuns = await get('monitors/shop/runs', { from: HOUR.from, to, all: 'true' });
      times.push(...page.runs.map(({ at_ms }) => at_ms));
      to = page.next;
    }
    expect(new Set(times).size).toBe(120);
  });

  test('has the incidents of its label', async () => {
    const incidents = [
      shownIncident('abc-1', { alertname: 'MonitorDown', monitor: 'shop' }, NOW_MS - 1_000),
      shownIncident('abc-2', { alertname: 'MonitorDown', monitor: 'pay' }, NOW_MS - 9_000, NOW_MS),
      { id: 7 },
    ];
    alerting.answers.set('/api/v1/incidents', { status: 200, body: JSON.stringify({ incidents }) });
    expect(await get('monitors/pay/incidents')).toEqual([
      {
        id: 'abc-2',
        status: 'resolved',
        severity: 'page',
        labels: { alertname: 'MonitorDown', monitor: 'pay' },
        openedMs: NOW_MS - 9_000,
        resolvedMs: NOW_MS,
      },
    ]);
    alerting.answers.set('/api/v1/incidents', { status: 200, body: '[]' });
    expect(await ask('monitors/pay/incidents')).toMatchObject({ status: 503, value: { reason: 'bad_answer' } });
  });

  test('that is not configured is not there', async () => {
    expect(await ask('monitors/nobody/history', HOUR)).toMatchObject({ status: 404 });
    expect(await ask('monitors/shop/history', { from: 5, to: 4 })).toMatchObject({ status: 400 });
  });
});
