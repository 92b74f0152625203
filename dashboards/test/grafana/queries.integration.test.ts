import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTables } from '../seed/schema.ts';
import { MONITORS } from '../seed/probe-hour.ts';
import { type Seeded, seedHour } from '../seed/seed.ts';
import { expandMacros, type QueryContext } from './expand-macros.ts';
import { type DashboardQuery, readQueries } from './read-dashboards.ts';

const END_MS = Math.floor(Date.now() / 60_000) * 60_000;
const queries = await readQueries();
const OPTIONS = { service: ['shop', 'stock'], operation: ['GET /cart'], monitor: [...MONITORS] };

let clickhouse: TestClickHouse;
let seeded: Seeded;

beforeAll(async () => {
  clickhouse = await startTestClickHouse();
  await createTables(clickhouse.client());
  seeded = await seedHour(clickhouse.client(), END_MS);
});

afterAll(() => clickhouse.stop());

interface Result {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly Record<string, unknown>[];
}

async function run(query: DashboardQuery, variables: QueryContext['variables']): Promise<Result> {
  const context = {
    fromMs: END_MS - 3_600_000,
    toMs: END_MS,
    intervalMs: 15_000,
    variables: { trace_id: [seeded.failedShopTraceId], ...variables },
    options: OPTIONS,
  };
  const result = await clickhouse.client().query({
    query: expandMacros(query.rawSql, context),
    format: 'JSON',
    clickhouse_settings: { readonly: '1' },
  });
  const { meta = [], data } = await result.json<Record<string, unknown>>();
  return { columns: meta, rows: data };
}

const ALL = { service: '$__all', operation: '$__all', monitor: '$__all' } as const;
const queryAt = (dashboard: string, place: string): DashboardQuery => {
  const found = queries.find((query) => query.dashboard === dashboard && query.place === place);
  if (!found) throw new Error(`${dashboard} has no ${place}`);
  return found;
};

const TIME = /^(?:Nullable\()?DateTime(?:64)?\b/;
const NUMBER = /^(?:Nullable\()?(?:U?Int(?:8|16|32|64)|Float(?:32|64))\)?$/;
const TEXT = /^(?:LowCardinality\()?String\)?$/;
/** What the plugin's converters turn into text, numbers and times; other types would show as JSON. */
const PLAIN = [TIME, NUMBER, TEXT];

describe.each(queries.map((query) => ({ ...query, name: `${query.dashboard}: ${query.place}` })))('$name', (query) => {
  test('gives rows of the types that its panel needs', async () => {
    const { columns, rows } = await run(query, ALL);
    expect(rows.length).toBeGreaterThan(0);
    const types = columns.map(({ type }) => type);
    const plain =
      query.format === 3 ? columns.filter(({ name }) => !name.endsWith('ags')).map(({ type }) => type) : types;
    for (const type of plain)
      expect(
        PLAIN.some((pattern) => pattern.test(type)),
        type,
      ).toBe(true);
    expect(types).toSatisfy(SHAPES[shapeOf(query)]);
  });

  test('gives rows for one choice as well', async () => {
    const { rows } = await run(query, { service: ['shop'], operation: ['POST /checkout'], monitor: ['shop'] });
    const certificates = /ertificate/.test(query.place);
    expect(rows.length > 0 || certificates).toBe(true);
  });
});

type Shape = 'series' | 'state' | 'one_number' | 'names' | 'table' | 'logs' | 'trace';

function shapeOf({ panelType, format }: DashboardQuery): Shape {
  if (panelType === 'variable') return 'names';
  if (panelType === 'stat') return 'one_number';
  if (panelType === 'state-timeline') return 'state';
  return (['series', 'table', 'logs', 'trace'] as const)[format ?? 1] ?? 'table';
}

const SHAPES: Readonly<Record<Shape, (types: string[]) => boolean>> = {
  series: ([time = '', ...rest]) => TIME.test(time) && rest.some((type) => NUMBER.test(type)),
  state: ([time = '', label = '', value = '']) => TIME.test(time) && TEXT.test(label) && NUMBER.test(value),
  one_number: (types) => types.length === 1 && NUMBER.test(types[0] ?? ''),
  names: (types) => types.length === 1 && TEXT.test(types[0] ?? ''),
  table: (types) => types.length > 1,
  logs: ([time = '', body = '', level = '']) => TIME.test(time) && TEXT.test(body) && TEXT.test(level),
  trace: (types) => types.length === 12,
};

test('series come in the order of time, which the plugin needs to make them wide', async () => {
  for (const query of queries.filter(({ format }) => format === 0)) {
    const { columns, rows } = await run(query, ALL);
    const times = rows.map((row) => row[columns[0]?.name ?? ''] as string);
    expect(times, query.place).toEqual(times.toSorted());
  }
});

describe('the numbers are right', () => {
  const first = async (dashboard: string, place: string) => (await run(queryAt(dashboard, place), ALL)).rows[0];

  test('of the services', async () => {
    expect(await first('services.json', 'Requests')).toEqual({ rate: 1440 / 3600 });
    expect(await first('services.json', 'Services')).toMatchObject({
      services: expect.toSatisfy((n) => Number(n) === 2),
    });
    const { rows } = await run(queryAt('services.json', 'Operations'), ALL);
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
    const { rows: table } = await run(queryAt('uptime.json', 'Monitors'), ALL);
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
    const { rows } = await run(queryAt('trace.json', 'Spans'), ALL);
    expect(rows.map(({ serviceName }) => serviceName)).toEqual(['shop', 'shop', 'stock']);
    expect(rows[0]).toMatchObject({
      statusCode: 2,
      tags: expect.arrayContaining([{ key: 'http.response.status_code', value: '500' }]),
    });
  });
});
