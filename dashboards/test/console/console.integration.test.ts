import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Home } from '../../src/home/contract-types.ts';
import type { Overview } from '../../src/overview/overview-types.ts';
import type { TraceView } from '../../src/trace/contract-types.ts';
import { EventSourceUnderTest } from './event-source.ts';
import { createTables } from '../seed/schema.ts';
import { hexId, spanRow } from '../seed/rows.ts';
import { type Seeded, seedHour } from '../seed/seed.ts';
import {
  type AlertingStandIn,
  type ConsoleUnderTest,
  MONITORS_YAML,
  shownAlert,
  startAlertingStandIn,
  shownOnCall,
  startConsole,
} from './console-under-test.ts';

let clickhouse: TestClickHouse;
let alerting: AlertingStandIn;
let seeded: Seeded;
const consoles: ConsoleUnderTest[] = [];

beforeAll(async () => {
  clickhouse = await startTestClickHouse();
  alerting = await startAlertingStandIn();
  await createTables(clickhouse.client());
  seeded = await seedHour(clickhouse.client(), Date.now());
});

afterEach(async () => {
  await Promise.all(consoles.splice(0).map((console) => console.stop()));
  alerting.answer = { status: 200, body: '[]' };
  alerting.requests.length = 0;
});

afterAll(async () => {
  await alerting.stop();
  await clickhouse.stop();
});

async function start(yaml = MONITORS_YAML, clickhouseUrl = clickhouse.url): Promise<ConsoleUnderTest> {
  const console = await startConsole(clickhouseUrl, alerting.port, yaml);
  consoles.push(console);
  return console;
}

async function overviewOf({ url }: ConsoleUnderTest): Promise<Overview> {
  const response = await fetch(`${url}/api/v1/overview`);
  expect(response.status).toBe(200);
  return (await response.json()) as Overview;
}

/** A port of loopback where nothing listens. */
const NOWHERE = 'http://127.0.0.1:9';

describe('the overview', () => {
  test('has every configured monitor with its state, reason and last run', async () => {
    const { monitors } = await overviewOf(await start());
    if (monitors.status !== 'ok') throw new Error(monitors.message);
    expect(monitors.value.map(({ name, state }) => [name, state])).toEqual([
      ['shop', 'down'],
      ['new', 'never_probed'],
      ['nightly', 'never_probed'],
      ['partner', 'up'],
      ['pay', 'up'],
    ]);
    const [shop] = monitors.value;
    expect(shop).toMatchObject({
      reason: 'status_mismatch',
      message: 'The status is 503; 200 was expected.',
      availability24h: 114 / 120,
      last: { outcome: 'down', durationMs: 26, traceId: seeded.failedProbeTraceId },
    });
    expect(shop?.phases.map(({ phase, durationMs }) => `${phase} ${durationMs}`)).toEqual([
      'resolve 1',
      'connect 2',
      'request 20',
      'transfer 3',
    ]);
    expect(shop?.recent.map(({ outcome }) => outcome).slice(-7)).toEqual(['up', ...Array<string>(6).fill('down')]);
  });

  test('has the services that sent something, with rate, errors and p99, and not our own', async () => {
    const { services } = await overviewOf(await start());
    if (services.status !== 'ok') throw new Error(services.message);
    expect(services.value.services.map(({ name }) => name)).toEqual(['shop', 'stock']);
    const [shop] = services.value.services;
    expect(shop?.requestsPerSecond).toBeCloseTo(0.2, 1);
    expect(shop?.errorShare).toBeCloseTo(10 / 60, 1);
    expect(shop?.p99Ms).toBeGreaterThan(100);
    expect(shop?.sent).toMatchObject({ spans: expect.toSatisfy((n) => Number(n) > 1_400), logs: expect.any(Number) });
  });

  test("shows what alerting says, asked for with Alertmanager's API", async () => {
    alerting.answer = { status: 200, body: JSON.stringify([shownAlert('MonitorDown', { summary: 'shop is down' })]) };
    const console = await start();
    const { alerts } = await overviewOf(console);
    expect(alerts).toMatchObject({ status: 'ok', value: [{ name: 'MonitorDown', labels: { monitor: 'shop' } }] });
    expect(alerting.requests).toContain('GET /api/v2/alerts');
  });

  test('says where to send telemetry and where to look further', async () => {
    const { send, links } = await overviewOf(await start());
    expect(send).toEqual({ http: 'http://127.0.0.1:4318', grpc: 'http://127.0.0.1:4317' });
    expect(links).toMatchObject({ grafana: 'http://grafana.test:3000', clickhouse: `${clickhouse.address}/` });
  });
});

describe('when something is away', () => {
  test('ClickHouse: the rest is there and says so, and the console is not ready', async () => {
    const console = await start(MONITORS_YAML, NOWHERE);
    const { monitors, services, alerts } = await overviewOf(console);
    const away = { status: 'unavailable', message: 'ClickHouse cannot be reached (ECONNREFUSED).' };
    expect([monitors, services]).toMatchObject([away, away]);
    expect(alerts.status).toBe('ok');
    expect((await fetch(`${console.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${console.url}/healthz`)).status).toBe(200);
    const trace = await fetch(`${console.url}/api/v1/traces/${seeded.failedShopTraceId}`);
    expect([trace.status, await trace.json()]).toMatchObject([503, away]);
  });

  test('alerting: the rest is there', async () => {
    for (const [answer, words] of [
      [{ status: 500, body: '' }, 'Alerting answered with status 500.'],
      [{ status: 200, body: '<html>' }, 'not JSON'],
      [{ status: 200, body: '{}' }, 'not a list of alerts'],
      ['hang', 'Alerting did not answer in time.'],
    ] as const) {
      alerting.answer = answer;
      const { alerts, monitors } = await overviewOf(await start());
      expect(alerts).toMatchObject({ status: 'unavailable', message: expect.stringContaining(words) });
      expect(monitors.status).toBe('ok');
    }
  });

  test('the tables: a database that is still empty is named as what it is', async () => {
    const console = await start();
    const renamed = (from: string, to: string): string =>
      ['otel_traces', 'otel_traces_service_1m'].map((table) => `${table}${from} TO ${table}${to}`).join(', ');
    await clickhouse.client().command({ query: `RENAME TABLE ${renamed('', '_away')}` });
    try {
      const { monitors, services } = await overviewOf(console);
      expect(monitors).toMatchObject({ status: 'unavailable', reason: 'no_tables' });
      expect(services).toMatchObject({ status: 'unavailable', reason: 'no_tables' });
    } finally {
      await clickhouse.client().command({ query: `RENAME TABLE ${renamed('_away', '')}` });
    }
  });
});

describe('a trace', () => {
  const traceOf = async (id: string) => fetch(`${(await start()).url}/api/v1/traces/${id}`);

  test('is shown with its spans, errors and log records', async () => {
    const response = await traceOf(seeded.failedShopTraceId.toUpperCase());
    expect(response.status).toBe(200);
    const { waterfall, totalSpans, logs } = (await response.json()) as TraceView;
    expect([totalSpans, waterfall.errors, waterfall.services]).toEqual([3, 1, ['shop', 'stock']]);
    expect(waterfall.rows.map(({ span }) => span.name)).toEqual(['POST /checkout', 'GET', 'GET /stock/{item}']);
    expect(logs).toMatchObject({ status: 'ok', value: [{ body: 'card declined' }] });
  });

  test('joins the probe with its phases', async () => {
    const text = await (await traceOf(seeded.failedProbeTraceId)).text();
    for (const words of ['probe shop', 'resolve', 'transfer', 'The status is 503']) expect(text).toContain(words);
  });

  test('that is not stored is 404, and what is no trace id 400', async () => {
    expect((await traceOf('f'.repeat(32))).status).toBe(404);
    for (const id of ['1', "'; DROP TABLE otel_traces", `${'0'.repeat(31)}g`]) {
      expect((await traceOf(encodeURIComponent(id))).status).toBe(400);
    }
  });

  test('of which the companion table has no row is found all the same', async () => {
    const traceId = hexId(0xabcdef, 32);
    const row = spanRow({
      service: 'late',
      name: 'alone',
      traceId,
      spanId: hexId(1, 16),
      atMs: Date.now(),
      durationMs: 3,
    });
    await clickhouse.client().insert({ table: 'otel_traces', values: [row], format: 'JSONEachRow' });
    const query = 'DELETE FROM otel_traces_trace_id_ts WHERE TraceId = {id:String}';
    await clickhouse.client().command({ query, query_params: { id: traceId } });
    expect(await (await traceOf(traceId)).json()).toMatchObject({ totalSpans: 1, waterfall: { services: ['late'] } });
  });

  test('of fifty thousand spans is bounded, and says how many there are', async () => {
    const traceId = hexId(0x50000, 32);
    const query = `INSERT INTO otel_traces (Timestamp, TraceId, SpanId, ParentSpanId, SpanName, ServiceName, Duration, StatusCode)
      SELECT addMilliseconds(now64(9) - 60, number), {id:String}, hex(number + 1), if(number = 0, '', hex(intDiv(number, 7) + 1)), 'work', 'many', 1000000,
        if(number % 10 = 0, 'Error', 'Unset') FROM numbers(50000)`;
    await clickhouse.client().command({ query, query_params: { id: traceId } });
    const { waterfall, totalSpans } = (await (await traceOf(traceId)).json()) as TraceView;
    expect([waterfall.rows.length, totalSpans, waterfall.errors]).toEqual([10_000, 50_000, 5_000]);
    expect(waterfall.durationMs).toBeCloseTo(50_000, 0);
    expect(waterfall.rows.filter(({ critical }) => critical).length).toBeGreaterThan(0);
  });

  test('with hostile and huge values is JSON of bounded size', async () => {
    const traceId = hexId(0xbad, 32);
    const hostile = '</td><script>alert(1)</script>\u202e';
    const attributes = { [hostile]: hostile, huge: 'x'.repeat(1_000_000) };
    const spans = Array.from({ length: 1_200 }, (_, index) =>
      spanRow({
        service: hostile,
        name: `${hostile}${index % 7}`,
        traceId,
        spanId: hexId(index + 1, 16),
        parentSpanId: hexId(index === 0 ? 1_200 : index, 16),
        atMs: Date.now() - 1_000 + index / 10,
        durationMs: 5,
        status: 'Error',
        message: hostile,
        attributes: index === 0 ? attributes : {},
      }),
    );
    await clickhouse.client().insert({ table: 'otel_traces', values: spans, format: 'JSONEachRow' });
    const response = await traceOf(traceId);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    const text = await response.text();
    const { waterfall, totalSpans } = JSON.parse(text) as TraceView;
    expect([waterfall.rows.length, totalSpans]).toEqual([1_200, 1_200]);
    expect(waterfall.rows[0]?.span.failure).toBe(hostile);
    expect(text.length).toBeLessThan(1_500_000);
    const { span_id: span = '', start_ns: at = '' } = waterfall.rows[0]?.span ?? {};
    const ask = async (path: string, more: Record<string, string>): Promise<unknown> => {
      const query = new URLSearchParams({ span, at, ...more });
      return (await fetch(`${(await start()).url}/api/v1/traces/${traceId}/${path}?${query}`)).json();
    };
    expect(await ask('span', {})).toMatchObject({
      attributes: [
        [hostile, hostile, hostile.length],
        ['huge', 'x'.repeat(1_000), 1_000_000],
      ],
    });
    expect(await ask('value', { place: 'span', part: '1', item: '2' })).toEqual({
      value: 'x'.repeat(1_000_000),
      length: 1_000_000,
    });
    expect(await ask('value', { place: 'message', part: '1', item: '1' })).toMatchObject({ value: hostile });
    expect(await ask('span', { at: '1' })).toMatchObject({ status: 'refused', reason: 'not_found' });
  });
});

describe('every answer', () => {
  test('carries a policy under which nothing but our own files runs, and data is not cached', async () => {
    const { url } = await start();
    for (const path of ['/', '/trace/1', '/assets/none.js', '/nothing', '/api/v1/overview', '/api/v1/nothing']) {
      const { headers } = await fetch(`${url}${path}`);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy, path).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
      expect(policy, path).toContain("require-trusted-types-for 'script'");
      expect(policy, path).not.toMatch(/unsafe|\*/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cache-control'), path).toBe(/^\/(api|assets)/.test(path) ? 'no-store' : 'no-cache');
    }
  });

  test('is refused to a page of another site', async () => {
    const { url } = await start();
    expect((await fetch(url, { headers: { origin: 'http://evil.test' } })).status).toBe(403);
  });
});

describe('the first page beside the overview', () => {
  const homeOf = async ({ url }: ConsoleUnderTest, query = `from=${Date.now() - 3_600_000}&to=${Date.now()}`) => {
    const response = await fetch(`${url}/api/v1/home?${query}`);
    return { status: response.status, body: (await response.json()) as Home };
  };

  test('has the days of monitors, the lines of services, who is on call, and what nothing watches', async () => {
    alerting.answers.set('/api/v1/oncall/now', { status: 200, body: JSON.stringify(shownOnCall(Date.now())) });
    const { days, services, onCall, unwatched } = (await homeOf(await start())).body;
    if (days.status !== 'ok' || services.status !== 'ok') throw new Error('unavailable');
    expect(Object.keys(days.value).toSorted()).toEqual(['partner', 'pay', 'shop']);
    expect(days.value['shop']).toHaveLength(90);
    const runs = days.value['shop']?.reduce((sum, { passed, failed }) => sum + passed + failed, 0);
    expect(runs).toBe(120);
    expect(services.value.lines.map(({ service }) => service)).toEqual(['shop', 'stock']);
    const [shop] = services.value.lines;
    expect(shop?.requests.length).toBeGreaterThan(58);
    expect(shop?.requests.slice(1, -1).every((requests) => requests === 12)).toBe(true);
    expect(shop?.errorShares.some((share) => share !== null && share > 0)).toBe(true);
    expect(shop?.p99sMs[30]).toBeGreaterThan(80);
    expect(onCall).toMatchObject({ value: [{ schedule: 'primary', now: { user: 'ana' } }, { schedule: 'database' }] });
    if (unwatched.status !== 'ok') throw new Error(unwatched.message);
    expect(unwatched.value).toContain('stock');
    expect(unwatched.value).not.toContain('shop');
  });

  test('asks for a time that is one, and names what is wrong', async () => {
    const console = await start();
    expect(await homeOf(console, 'from=5&to=4')).toMatchObject({ status: 400, body: { reason: 'bad_request' } });
    expect(await homeOf(console, 'from=now&to=4')).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'from', expected: 'a time in Unix ms' }] },
    });
  });

  test('many readers at once cost one set of queries', async () => {
    const console = await start();
    const query = `from=${Date.now() - 3_600_000}&to=${Date.now()}`;
    await Promise.all(Array.from({ length: 20 }, () => homeOf(console, query)));
    expect(alerting.requests.filter((one) => one.includes('oncall'))).toHaveLength(1);
  });
});

describe('the stream of events', () => {
  test('tells the overview, and a change of it by itself', async () => {
    const { url } = await start();
    const events = new EventSourceUnderTest(`${url}/api/v1/events`);
    await expect.poll(() => events.overviews.length).toBe(1);
    expect(events.overviews[0]?.alerts).toEqual({ status: 'ok', value: [] });
    alerting.answer = { status: 200, body: JSON.stringify([shownAlert('MonitorDown')]) };
    await expect.poll(() => events.overviews.at(-1)?.alerts).toMatchObject({ value: [{ name: 'MonitorDown' }] });
    await events.stop();
  });

  test('ends when the console stops', async () => {
    const console = await start();
    const events = new EventSourceUnderTest(`${console.url}/api/v1/events`);
    await expect.poll(() => events.overviews.length).toBe(1);
    await console.stop();
    await events.ended;
  });
});

test('many readers at once cost ClickHouse one set of queries', async () => {
  const { url } = await start();
  await Promise.all(
    Array.from({ length: 20 }, () => fetch(`${url}/api/v1/overview`).then((response) => response.text())),
  );
  expect(alerting.requests).toHaveLength(1);
});

test('stopping does not wait for a source that hangs', async () => {
  alerting.answer = 'hang';
  const console = await start();
  const page = fetch(`${console.url}/api/v1/overview`).then((response) => response.text());
  await expect.poll(() => alerting.requests.length).toBeGreaterThan(0);
  const startedMs = performance.now();
  await console.stop();
  expect(performance.now() - startedMs).toBeLessThan(2_900);
  expect(await page).toContain('"alerts":{"status":"unavailable"');
});

test('stopping twice is stopping once', async () => {
  const console = await start();
  await Promise.all([console.stop(), console.stop()]);
  await expect(fetch(console.url)).rejects.toThrow('fetch failed');
});
