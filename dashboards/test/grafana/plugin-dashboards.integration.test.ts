import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { trafficStatements } from '../seed/day/traffic.ts';
import { createTables } from '../seed/schema.ts';
import { expandMacros } from './expand-macros.ts';
import { PLUGIN_DASHBOARDS } from './plugin-dashboards-table.ts';

const END_MS = Math.floor(Date.now() / 60_000) * 60_000;
const DAY_MS = 86_400_000;
const SERVICES = ['shop', 'pay', 'catalog', 'mailer'];
const CONTEXT = {
  fromMs: END_MS - DAY_MS,
  toMs: END_MS,
  intervalMs: 300_000,
  variables: { service: SERVICES, level_filter: '$__all', operation: '$__all', search: [''] },
} as const;

/** A day of rows on a busy machine. */
const SEEDING_MS = 300_000;
let clickhouse: TestClickHouse;
beforeAll(async () => {
  clickhouse = await startTestClickHouse();
  await createTables(clickhouse.client());
  for (const query of trafficStatements(END_MS)) await clickhouse.client().command({ query });
}, SEEDING_MS);
afterAll(() => clickhouse.stop());

async function select(query: string): Promise<Record<string, unknown>[]> {
  const result = await clickhouse
    .client()
    .query({ query, format: 'JSONEachRow', clickhouse_settings: { readonly: '1' } });
  return result.json<Record<string, unknown>>();
}

describe.each(PLUGIN_DASHBOARDS)('$uid, which the plugin ships,', ({ columns, statements }) => {
  test('finds its columns, of types that its functions take, in the default database', async () => {
    for (const [table, needed] of Object.entries(columns)) {
      const found = await select(`DESC TABLE ${table}`);
      const types = new Map(found.map(({ name, type }) => [String(name), String(type)]));
      for (const [column, type] of Object.entries(needed))
        expect(types.get(column), `${table}.${column}`).toMatch(type);
    }
  });

  test.each(Object.entries(statements))('is answered: %s', async (_name, sql) => {
    expect((await select(expandMacros(sql, CONTEXT))).length).toBeGreaterThan(0);
  });
});

test('kinds and statuses are the words that they compare with', async () => {
  const rows = await select(
    `SELECT groupUniqArray(toString(SpanKind)) AS kinds, groupUniqArray(toString(StatusCode)) AS statuses FROM otel_traces`,
  );
  expect(rows[0]).toMatchObject({
    kinds: expect.arrayContaining(['Server', 'Client', 'Producer', 'Consumer']),
    statuses: expect.arrayContaining(['Error', 'Unset']),
  });
});

test('a deployment is found by them as by our own mark', async () => {
  const [, , service] = PLUGIN_DASHBOARDS;
  const theirs = await select(expandMacros(service?.statements['deployments'] ?? '', CONTEXT));
  expect(theirs.map(({ text }) => text)).toEqual(['shop 1.4.0', 'pay 2.1.0']);
});
