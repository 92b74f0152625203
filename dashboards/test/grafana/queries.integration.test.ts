import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTables } from '../seed/schema.ts';
import { MONITORS } from '../seed/probe-hour.ts';
import { seedDay } from '../seed/day/day.ts';
import { type Seeded, seedHour } from '../seed/seed.ts';
import { expandMacros, type QueryContext } from './expand-macros.ts';
import { type DashboardQuery, nameOf, readDashboards, readQueries, variablesOf } from './read-dashboards.ts';

const HOUR_MS = 3_600_000;
const END_MS = Math.floor(Date.now() / 60_000) * 60_000;
const queries = await readQueries();
const dashboards = await readDashboards();
const OPTIONS = {
  service: ['shop', 'stock', 'pay', 'catalog', 'mailer'],
  operation: ['GET /cart'],
  monitor: [...MONITORS],
  receiver: ['oncall', 'payments'],
  severity: ['page', 'ticket'],
  slo: ['checkout', 'site'],
  level: ['error', 'fatal', 'info', 'warn'],
  status: ['Error', 'Ok', 'Unset'],
  kind: ['Server', 'Consumer'],
};
/** What the hour is about, without what the whole day has besides. */
const OF_THE_HOUR = { service: ['shop', 'stock'] } as const;

/** A day of rows on a busy machine. */
const SEEDING_MS = 300_000;
let clickhouse: TestClickHouse;
let seeded: Seeded;
/** By statement as ClickHouse is sent it: the rows do not change once they are there, so none is run twice. */
const answers = new Map<string, Promise<Result>>();

beforeAll(async () => {
  clickhouse = await startTestClickHouse();
  await createTables(clickhouse.client());
  seeded = await seedHour(clickhouse.client(), END_MS);
  await seedDay(clickhouse.client(), END_MS);
}, SEEDING_MS);

afterAll(() => clickhouse.stop());

interface Result {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly Record<string, unknown>[];
  readonly rowsRead: number;
}

interface Asked {
  readonly hours?: number;
  readonly variables?: QueryContext['variables'];
}

/** As the dashboard is when it opens, unless some of it is chosen otherwise. */
async function run(query: DashboardQuery, { hours = 1, variables = {} }: Asked = {}): Promise<Result> {
  const dashboard = dashboards.get(query.dashboard);
  if (!dashboard) throw new Error(`there is no ${query.dashboard}`);
  const opened = variablesOf(dashboard, OPTIONS);
  const context = {
    fromMs: END_MS - hours * HOUR_MS,
    toMs: END_MS,
    intervalMs: hours === 1 ? 15_000 : 300_000,
    variables: { ...opened, ...chosenFor(query), ...variables },
    options: OPTIONS,
  };
  const statement = expandMacros(query.rawSql, context);
  const answer = answers.get(statement) ?? ask(statement);
  answers.set(statement, answer);
  return answer;
}

async function ask(query: string): Promise<Result> {
  const settings = { readonly: '1' } as const;
  const result = await clickhouse.client().query({ query, format: 'JSON', clickhouse_settings: settings });
  const { meta = [], data, statistics } = await result.json<Record<string, unknown>>();
  return { columns: meta, rows: data, rowsRead: statistics?.rows_read ?? 0 };
}

/** Dashboards of one thing open with one that has what the panel shows: the failed trace, and the monitor with a certificate. */
function chosenFor({ dashboard, place }: DashboardQuery): QueryContext['variables'] {
  const isOfTrace = dashboard === 'trace.json' || ['Trace', 'Its log records'].includes(place);
  return {
    ...(isOfTrace ? { trace_id: [seeded.failedShopTraceId] } : {}),
    ...(dashboard === 'monitor.json' && /ertificate/.test(place) ? { monitor: ['pay'] } : {}),
  };
}

const queryAt = (dashboard: string, place: string, panelType?: string): DashboardQuery => {
  const found = queries.find(
    (query) =>
      query.dashboard === dashboard && query.place === place && query.panelType === (panelType ?? query.panelType),
  );
  if (!found) throw new Error(`${dashboard} has no ${place}`);
  return found;
};

const TIME = /^(?:Nullable\()?DateTime(?:64)?\b/;
const NUMBER = /^(?:Nullable\()?(?:U?Int(?:8|16|32|64)|Float(?:32|64))\)?$/;
const TEXT = /^(?:LowCardinality\()?String\)?$/;
/** Rows that a statement may read for an hour, of a day with some 400,000. */
const ROWS_READ_AN_HOUR = 60_000;
/** What the plugin's converters turn into text, numbers and times; other types would show as JSON. */
const PLAIN = [TIME, NUMBER, TEXT];

/** Of what the last hour has nothing: a version that is new, an incident that is over. */
const OF_THE_DAY = new Set(['annotation Deployments', 'To resolve']);

/** Statements that a choice of a service, an operation or a monitor narrows; over an hour they are asked for all. */
const isNarrowed = ({ rawSql }: DashboardQuery): boolean => /\$\{(?:service|operation|monitor):/.test(rawSql);
const ONE = { service: ['shop'], operation: ['POST /checkout'], monitor: ['shop'] };

// Together, for most of a statement's time is the way to ClickHouse and back.
describe.concurrent.each(queries.map((query) => ({ ...query, name: nameOf(query) })))('$name', (query) => {
  test('gives rows of the types that its panel needs over an hour, for which it does not read the day', async () => {
    const found = await run(query);
    expectFit(query, found, !OF_THE_DAY.has(query.place));
    expect(found.rowsRead).toBeLessThan(ROWS_READ_AN_HOUR);
  });

  test('gives them over a day, of what is narrowed by a choice for that one', async () => {
    const variables = isNarrowed(query) && !ofAnother(query) ? ONE : {};
    expectFit(query, await run(query, { hours: 24, variables }), true);
  });
});

function expectFit(query: DashboardQuery, { columns, rows }: Result, isFilled: boolean): void {
  const isEmpty = rows.length === 0 || (query.panelType === 'stat' && Object.values(rows[0] ?? {})[0] === null);
  expect(isFilled && isEmpty, 'it is empty').toBe(false);
  const types = columns.map(({ type }) => type);
  const plain =
    query.format === 3 ? columns.filter(({ name }) => !name.endsWith('ags')).map(({ type }) => type) : types;
  for (const type of plain)
    expect(
      PLAIN.some((pattern) => pattern.test(type)),
      type,
    ).toBe(true);
  expect(types).toSatisfy(SHAPES[shapeOf(query)]);
}

/** What the shop, or the monitor of the shop, does not have: a certificate, callers, another runtime than that of Node.js. */
function ofAnother({ dashboard, place, rawSql }: DashboardQuery): boolean {
  if (/ertificate|Who calls them/.test(place)) return true;
  return dashboard === 'runtime.json' && !/'(?:nodejs|v8js)\./.test(rawSql);
}

type Shape = 'marks' | 'series' | 'state' | 'one_number' | 'names' | 'table' | 'logs' | 'trace';

function shapeOf({ panelType, format }: DashboardQuery): Shape {
  if (panelType === 'variable') return 'names';
  if (panelType === 'annotation') return 'marks';
  if (panelType === 'stat') return 'one_number';
  if (panelType === 'state-timeline') return 'state';
  return (['series', 'table', 'logs', 'trace'] as const)[format ?? 1] ?? 'table';
}

const SHAPES: Readonly<Record<Shape, (types: string[]) => boolean>> = {
  series: ([time = '', ...rest]) => TIME.test(time) && rest.some((type) => NUMBER.test(type)),
  state: ([time = '', label = '', value = '']) => TIME.test(time) && TEXT.test(label) && NUMBER.test(value),
  one_number: (types) => types.length === 1 && NUMBER.test(types[0] ?? ''),
  marks: ([time = '', ...rest]) => TIME.test(time) && rest.filter((type) => TEXT.test(type)).length === 3,
  names: (types) => types.length === 1 && TEXT.test(types[0] ?? ''),
  table: (types) => types.length > 1,
  logs: ([time = '', body = '', level = '']) => TIME.test(time) && TEXT.test(body) && TEXT.test(level),
  trace: (types) => types.length === 12,
};

test('series come in the order of time, which the plugin needs to make them wide', async () => {
  for (const query of queries.filter(({ format }) => format === 0)) {
    const { columns, rows } = await run(query);
    const times = rows.map((row) => row[columns[0]?.name ?? ''] as string);
    expect(times, query.place).toEqual(times.toSorted());
  }
});

describe('the numbers are right', () => {
  const first = async (
    dashboard: string,
    place: string,
    panelType?: string,
    variables: QueryContext['variables'] = {},
  ) => (await run(queryAt(dashboard, place, panelType), { variables })).rows[0];

  test('of the services', async () => {
    expect(await first('services.json', 'Requests', 'stat', OF_THE_HOUR)).toEqual({ rate: 1440 / 3600 });
    expect(await first('services.json', 'Services', 'stat', OF_THE_HOUR)).toMatchObject({
      services: expect.toSatisfy((n) => Number(n) === 2),
    });
    const { rows } = await run(queryAt('services.json', 'Operations'));
    const checkout = rows.find(({ operation }) => operation === 'POST /checkout');
    expect(checkout).toMatchObject({ service: 'shop', errors: 20 / 360, rate: 0.1 });
    expect(Number(checkout?.['p99']) / 0.119).toBeCloseTo(1, 1);
  });

  test('of the errors, with the message of the exception and a trace that is there', async () => {
    expect(await first('services.json', 'Recent errors')).toMatchObject({
      operation: 'POST /checkout',
      message: 'card declined',
      status: '500',
      trace: seeded.failedShopTraceId,
    });
  });

  test('of the monitors: every listed one, the worst first, the removed one not', async () => {
    const { rows: table } = await run(queryAt('uptime.json', 'Monitors'));
    expect(table.map(({ monitor, state }) => [monitor, state])).toEqual([
      ['shop', 'down'],
      ['new', 'never probed'],
      ['partner', 'up'],
      ['pay', 'up'],
    ]);
    expect(table[0]).toMatchObject({
      reason: 'status_mismatch',
      availability: 114 / 120,
      trace: seeded.failedProbeTraceId,
    });
    expect(table[1]).toMatchObject({ last_run: null, availability: null, p50: null });
    expect(table[2]).toMatchObject({ availability: 118 / 119, interval: 30, target: 'http://partner.test/health' });
  });

  test('of the certificate, in days at the end of the time range', async () => {
    const row = await first('uptime.json', 'Next certificate');
    expect(row?.['days']).toBeCloseTo(20, 2);
  });

  test('of a trace: all its spans, with tags as lists of keys and values', async () => {
    const { rows } = await run(queryAt('trace.json', 'Spans'));
    expect(rows.map(({ serviceName }) => serviceName)).toEqual(['shop', 'shop', 'stock']);
    expect(rows[0]).toMatchObject({
      statusCode: 2,
      tags: expect.arrayContaining([{ key: 'http.response.status_code', value: '500' }]),
    });
  });

  const overADay = async (dashboard: string, place: string) =>
    (await run(queryAt(dashboard, place), { hours: 24 })).rows;

  test('of counters: what they grew by, by the second', async () => {
    const values = (await overADay('runtime.json', 'Allocated')).map(({ value }) => Number(value));
    expect(values.length).toBeGreaterThan(280);
    for (const value of values) expect(value).toBeCloseTo(90e6 / 60, 3);
  });

  test('of sums that rise and fall: what a process does not tell apart is added up', async () => {
    const [row] = await overADay('runtime.json', 'JVM memory');
    expect(row).toMatchObject({ service: 'pay', series: 'heap' });
    expect(Number(row?.['value']) / 400e6).toBeCloseTo(1, 1);
  });

  test('of histograms: a quantile of what was counted in the interval, at most the last bound', async () => {
    const rows = await overADay('runtime.json', 'Garbage collection, p99');
    expect(new Set(rows.map(({ series }) => series))).toEqual(new Set(['minor', 'major']));
    for (const { value } of rows) expect(Number(value)).toBeCloseTo(4 * 0.004, 6);
    const share = (await overADay('runtime.json', 'JVM, time in garbage collection')).map(({ value }) => Number(value));
    for (const value of share) expect(value).toBeCloseTo((10 * 0.02) / 60, 6);
  });

  test('of deployments: each version when it was first seen, and the one before', async () => {
    const rows = await overADay('fleet.json', 'annotation Deployments');
    const texts = rows.map(({ text }) => text);
    expect(texts).toContain('pay 2.1.0 in production, before it 2.0.1');
    expect(texts).toContain('shop 1.4.0 in production, before it 1.3.2');
    expect(texts).toContain('catalog 0.9.0 in production, the first version seen');
    const pay = rows.find(({ title, text }) => title === 'Deployment: pay' && String(text).includes('2.1.0'));
    expect(Date.parse(`${String(pay?.['time'])}Z`)).toBeGreaterThanOrEqual(END_MS - 2 * HOUR_MS);
    expect(Date.parse(`${String(pay?.['time'])}Z`)).toBeLessThan(END_MS - 2 * HOUR_MS + 60_000);
  });

  test('of deployments: what somebody marked stands for the version that was seen within the hour', async () => {
    const mark = (service: string, version: string, agoMs: number, note = '') => ({
      Timestamp: ((END_MS - agoMs) / 1_000).toFixed(3),
      ServiceName: 'tocsin-deployments',
      EventName: 'tocsin.deployment',
      LogAttributes: {
        'tocsin.deployment.service': service,
        'tocsin.deployment.version': version,
        'tocsin.deployment.actor': 'ci',
        'tocsin.deployment.note': note,
      },
    });
    const values = [mark('pay', '2.1.0', 2.1 * HOUR_MS, 'rollout'), mark('catalog', '0.9.0', 0.5 * HOUR_MS)];
    await clickhouse.client().insert({ table: 'otel_logs', values, format: 'JSONEachRow' });
    // Asked before, when nothing was marked.
    answers.clear();
    const texts = (await overADay('fleet.json', 'annotation Deployments')).map(({ text }) => text);
    expect(texts).toContain('pay 2.1.0, said by ci: rollout');
    expect(texts).not.toContain('pay 2.1.0 in production, before it 2.0.1');
    // Long after it was first seen: a deployment of its own.
    expect(texts).toEqual(
      expect.arrayContaining(['catalog 0.9.0, said by ci', 'catalog 0.9.0 in production, the first version seen']),
    );
  });

  test('of incidents: what became of each, and how long it took; the open one goes on', async () => {
    const rows = await overADay('alerts.json', 'Incidents of the time range');
    expect(
      rows.map((row) => ['alert', 'state', 'acknowledged_by', 'to_acknowledge', 'to_resolve'].map((name) => row[name])),
    ).toEqual([
      ['ServiceErrors', 'acknowledged', 'ana', expect.toSatisfy((s) => Number(s) === 360), null],
      ['ErrorBudgetBurn', 'resolved', '', null, expect.toSatisfy((s) => Number(s) === 5_400)],
      [
        'MonitorDown',
        'resolved',
        'ana',
        expect.toSatisfy((s) => Number(s) === 360),
        expect.toSatisfy((s) => Number(s) === 1_800),
      ],
    ]);
    expect(await overADay('alerts.json', 'To acknowledge')).toEqual([{ seconds: 360 }]);
    expect(await overADay('alerts.json', 'To resolve')).toEqual([{ seconds: (5_400 + 1_800) / 2 }]);
    const marks = await overADay('alerts.json', 'annotation Incidents');
    expect(marks.map(({ title }) => title)).toEqual([
      'MonitorDown (page)',
      'ErrorBudgetBurn (ticket)',
      'ServiceErrors (page)',
    ]);
    expect(Date.parse(`${String(marks[2]?.['timeEnd'])}Z`)).toBe(END_MS);
  });

  test('of dependencies: who answers behind an address, and who calls', async () => {
    const callers = await overADay('services.json', 'Who calls them');
    expect(callers.map(({ caller, service, address }) => [caller, service, address])).toEqual(
      expect.arrayContaining([
        ['shop', 'pay', 'pay.internal:8080'],
        ['catalog', 'mailer', 'kafka/orders'],
      ]),
    );
    const calls = await overADay('services.json', 'What they call');
    expect(calls.find(({ kind }) => kind === 'database')).toMatchObject({
      service: 'pay',
      callee: 'postgresql/pay',
      errors: 0,
    });
  });

  test('of a search: status, duration and attribute narrow it', async () => {
    const search = queryAt('traces.json', 'Spans');
    const found = async (variables: QueryContext['variables']) => (await run(search, { hours: 24, variables })).rows;
    expect(await found({})).toHaveLength(200);
    const slow = await found({ min_ms: ['210'], service: ['mailer'] });
    expect(slow.length).toBeGreaterThan(100);
    for (const { duration } of slow) expect(Number(duration)).toBeGreaterThanOrEqual(0.21);
    const failed = await found({ status: ['Error'], service: ['catalog'] });
    expect(failed).toHaveLength(Math.ceil(5_760 / 300));
    const of42 = await found({ attribute: ['enduser.id'], value: ['42'], service: ['pay'] });
    expect(of42).toHaveLength(58);
  });
});
