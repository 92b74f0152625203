import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Comparison, ServiceDetails, ServicesList } from '../../src/services/contract-types.ts';
import type { TraceSearch } from '../../src/traces/contract-types.ts';
import { traceMatches } from '../../src/queries/trace-matches.ts';
import { readStatements } from '../../bench/statements.ts';
import { createTables } from '../seed/schema.ts';
import { type Seeded, seedHour } from '../seed/seed.ts';
import { type ConsoleUnderTest, startConsole } from '../console/console-under-test.ts';

let clickhouse: TestClickHouse;
let console: ConsoleUnderTest;
let seeded: Seeded;
const endMs = Date.now();
const time = { from: String(endMs - 3_600_000), to: String(endMs + 1_000) };

beforeAll(async () => {
  clickhouse = await startTestClickHouse();
  await createTables(clickhouse.client());
  seeded = await seedHour(clickhouse.client(), endMs);
  console = await startConsole(clickhouse.url, 9);
});

afterAll(async () => {
  await console?.stop();
  await clickhouse?.stop();
});

async function ask<Value>(path: string, more: Record<string, string | string[]> = {}): Promise<Value> {
  const query = new URLSearchParams(time);
  for (const [name, value] of Object.entries(more)) for (const one of [value].flat()) query.append(name, one);
  const response = await fetch(`${console.url}/api/v1/${path}?${query}`);
  return (await response.json()) as Value;
}
const search = (more: Record<string, string | string[]> = {}) => ask<TraceSearch>('traces', more);
const names = ({ traces }: TraceSearch): readonly string[] => [...new Set(traces.map(({ name }) => name))];

describe('a search for traces', () => {
  test('gives the newest first, each with what it is as a whole', async () => {
    const found = await search();
    expect(found.traces).toHaveLength(100);
    expect(found.traces[0]).toMatchObject({
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
      whole: { service: 'shop', spans: 3, services: 2 },
    });
    const times = found.traces.map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    expect(found.rest).toEqual({ untilMs: Math.ceil(times.at(-1) ?? 0) });
    expect(found.heat.cells.reduce((sum, [, , spans]) => sum + spans, 0)).toBe(720 * 3);
  });

  test('goes on before where it ended, to the last', async () => {
    const seen = new Set<string>();
    let before: string | undefined;
    for (let round = 0; round < 10; round++) {
      const found = await search({ service: 'stock', ...(before !== undefined && { before }) });
      found.traces.forEach(({ traceId }) => seen.add(traceId));
      if (!found.rest) break;
      before = 'untilMs' in found.rest ? String(found.rest.untilMs) : undefined;
    }
    expect(seen.size).toBe(720);
  });

  test('takes service, operation, status, duration and roots', async () => {
    expect(names(await search({ service: 'stock' }))).toEqual(['GET /stock/{item}']);
    expect(names(await search({ operation: 'GET /cart' }))).toEqual(['GET /cart']);
    const failed = await search({ status: 'error' });
    expect(failed.traces.every(({ isError }) => isError)).toBe(true);
    expect(failed.traces[0]?.traceId).toBe(seeded.failedShopTraceId);
    expect(failed.rest).toBeUndefined();
    const slow = await search({ min: '100', max: '110' });
    expect(slow.traces.length).toBeGreaterThan(0);
    expect(slow.traces.every(({ durationMs }) => durationMs >= 100 && durationMs < 110)).toBe(true);
    expect((await search({ root: 'true', service: 'stock' })).traces).toEqual([]);
    expect(names(await search({ service: 'tocsin-checker', operation: 'probe pay' }))).toEqual(['probe pay']);
  });

  test('takes attributes: equal, other, containing, greater, there; of the span and of its resource', async () => {
    const count = async (...where: string[]) => (await search({ where, service: 'shop' })).traces.length;
    const failed = (await search({ status: 'error', service: 'shop' })).traces.length;
    expect(failed).toBeGreaterThan(5);
    expect(await count('http.response.status_code=500')).toBe(failed);
    expect(await count('http.response.status_code>499', 'http.request.method=POST')).toBe(failed);
    expect(await count('http.response.status_code~50')).toBe(failed);
    expect(await count('http.response.status_code=500', 'http.request.method=GET')).toBe(0);
    expect(await count('http.request.method!=POST', 'http.request.method!=GET', 'http.request.method')).toBe(0);
    expect(await count('resource.service.version=1.4.0')).toBe(100);
    expect(await count('resource.service.version=1.4.1')).toBe(0);
    expect(await count("no'such\\key=\u202e<script>")).toBe(0);
  });

  test('gives the slowest first when it is told to', async () => {
    const { traces } = await search({ sort: 'slowest' });
    const durations = traces.map(({ durationMs }) => durationMs);
    expect(durations).toEqual(durations.toSorted((a, b) => b - a));
    expect(durations[0]).toBe(119);
  });

  test('says what is no condition', async () => {
    expect(await search({ where: '=x' })).toMatchObject({ status: 'refused', reason: 'bad_request' });
    expect(await search({ where: 'size>big' })).toMatchObject({ status: 'refused' });
  });

  test('completes from what was seen', async () => {
    expect(await ask('traces/known/services')).toEqual(['shop', 'stock', 'tocsin-checker']);
    expect(await ask('traces/known/operations', { service: 'shop' })).toEqual(['GET', 'GET /cart', 'POST /checkout']);
    const known = async (path: string, key?: string) => {
      const query = new URLSearchParams({ from: time.from, ...(key !== undefined && { key }) });
      return (await fetch(`${console.url}/api/v1/traces/known/${path}?${query}`)).json();
    };
    expect(await known('keys')).toEqual(
      expect.arrayContaining(['http.request.method', 'resource.service.version', 'resource.service.name']),
    );
    expect(await known('values', 'http.request.method')).toEqual(expect.arrayContaining(['GET', 'POST']));
    expect(await known('values', 'resource.service.version')).toEqual(['1.4.0']);
  });

  test('reads along the primary key and the indexes, and only the columns that are asked for', async () => {
    const asked = {
      nowMs: endMs,
      traceId: 'a',
      traceAtMs: endMs,
      options: { monitor: [], service: [], operation: [] },
    };
    const bench = (await readStatements()).find(({ name }) => name === `console: ${traceMatches.name}`);
    const { parameters = {} } = bench?.ask(asked) ?? {};
    const explain = async (changes: Record<string, unknown>) => {
      const query = `EXPLAIN PLAN indexes = 1, actions = 1 ${traceMatches.sql}`;
      const result = await clickhouse
        .client()
        .query({ query, query_params: { ...parameters, ...changes }, format: 'TabSeparatedRaw' });
      return result.text();
    };
    const attributes = await explain({});
    expect(attributes).toContain('idx_span_attr_value');
    const service = await explain({ services: ['shop'], span_keys: [], span_values: [] });
    expect(service).toMatch(/PrimaryKey[\s\S]*ServiceName[\s\S]*Condition: .*ServiceName/);
    expect(service).not.toContain('SpanAttributes');
    expect(service).not.toContain('ParentSpanId');
  });
});

describe('services', () => {
  test('are listed with rate, errors and durations', async () => {
    const { services, lines } = await ask<ServicesList>('services');
    expect(lines).toMatchObject({ status: 'ok', value: { lines: [{ service: 'shop' }, { service: 'stock' }] } });
    expect(services).toMatchObject({
      status: 'ok',
      value: [
        { name: 'shop', requests: 720, spans: 1_440, operations: 2 },
        { name: 'stock', requests: 720, errorShare: 0 },
      ],
    });
  });

  test('have operations, steps, versions, instances and errors', async () => {
    const details = await ask<ServiceDetails>('services/shop');
    expect(details).toMatchObject({
      operations: { status: 'ok' },
      steps: { status: 'ok' },
      versions: { status: 'ok', value: [{ version: '1.4.0' }] },
      instances: { status: 'ok', value: { rows: [{ version: '1.4.0', spans: 1_440, requests: 720 }] } },
      errors: { status: 'ok' },
      graph: { status: 'ok' },
    });
    const operations = details.operations.status === 'ok' ? details.operations.value : [];
    expect(new Map(operations.map(({ operation, requests }) => [operation, requests]))).toEqual(
      new Map([
        ['GET', 720],
        ['GET /cart', 360],
        ['POST /checkout', 360],
      ]),
    );
    const errors = details.errors.status === 'ok' ? details.errors.value : [];
    expect(errors[0]).toMatchObject({ trace_id: seeded.failedShopTraceId, message: 'card declined' });
  });

  test('are compared before and after a version, as long each', async () => {
    const at = endMs - 600_000;
    const query = new URLSearchParams({ version: '1.4.0', environment: '', at: String(at) });
    const compared = (await (await fetch(`${console.url}/api/v1/services/shop/compare?${query}`)).json()) as Comparison;
    const { before, after } = compared;
    expect(after.toMs - after.fromMs).toBe(before.toMs - before.fromMs);
    const failed = ({ operations }: Comparison['before']) => operations.reduce((sum, { errors }) => sum + errors, 0);
    expect([failed(before), failed(after) > 5]).toEqual([0, true]);
  });
});
