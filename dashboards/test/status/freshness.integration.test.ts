import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import { createHttpServer } from '@tocsin/service/http';
import { silentLogger } from '@tocsin/service/log';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { request } from 'undici';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createAlertingClient } from '../../src/alerts/alerting-client.ts';
import { createStatusPage } from '../../src/status/status-page.ts';
import { configFrom } from '../fixtures.ts';
import { seedHour } from '../seed/seed.ts';
import { createTables } from '../seed/schema.ts';
import { type CountingProxy, startCountingProxy } from './counting-proxy.ts';
import { type PostsStandIn, shownPost, startPostsStandIn, STATUS_YAML } from './status-under-test.ts';

const START_MS = Date.now();
let clickhouse: TestClickHouse;
let alerting: PostsStandIn;
let proxy: CountingProxy;
let nowMs: number;
let urls: { readonly page: string; readonly console: string };
let stop: () => Promise<void>;

beforeAll(async () => {
  [clickhouse, alerting] = await Promise.all([startTestClickHouse(), startPostsStandIn()]);
  await createTables(clickhouse.client());
  await seedHour(clickhouse.client(), START_MS);
});
beforeEach(async () => {
  nowMs = START_MS;
  alerting.posts = [shownPost()];
  proxy = await startCountingProxy(clickhouse.url);
  const config = await configFrom(
    `clickhouse: { url: '${proxy.url}' }\nalerting: { http: ${alerting.port} }\n${STATUS_YAML}`,
  );
  const log = silentLogger();
  const context = { config, log, onReload: () => undefined };
  const client = createAlertingClient(`http://127.0.0.1:${alerting.port}`);
  const access = { identify: () => ({ name: 'console', role: 'admin' }) as const };
  const status = await createStatusPage({ context, alerting: client, access, now: () => nowMs });
  const server = createHttpServer({
    address: { host: '127.0.0.1', port: 0 },
    readiness: () => ({ ready: true, reasons: [] }),
  });
  status.addTo(server.app);
  const [console, listening] = [await server.listen(), await status.listen()];
  urls = { page: listening['status_page.listen'] ?? '', console: `${console}/status` };
  stop = async () => {
    await Promise.all([status.stop(), server.stop(), client.stop()]);
    await proxy.stop();
  };
});
afterEach(() => stop());
afterAll(async () => {
  await alerting.stop();
  await clickhouse.stop();
});

const text = async (path = '/'): Promise<string> => {
  const response = await fetch(`${urls.page}${path}`);
  expect(response.status).toBe(200);
  return response.text();
};
interface Json {
  readonly stale: boolean;
  readonly state: string;
  readonly monitors: readonly { readonly state: string; readonly last_known_state: string }[];
}

test('however many read, on both places, ClickHouse has one statement in ten seconds', async () => {
  const paths = [`${urls.page}/`, `${urls.page}/status.json`, `${urls.page}/badge.svg`, urls.console];
  const readMany = () =>
    Promise.all(
      Array.from({ length: 200 }, async (_, index) => (await fetch(paths[index % paths.length] ?? '')).text()),
    );
  await readMany();
  await readMany();
  expect(proxy.statements).toHaveLength(1);
  expect(proxy.statements[0]).toContain('tocsin_monitor_verdicts');
  nowMs += 9_999;
  await readMany();
  expect(proxy.statements).toHaveLength(1);
  nowMs += 1;
  await readMany();
  nowMs += 5_000;
  await readMany();
  expect(proxy.statements).toHaveLength(2);
});

test('while ClickHouse is away the page goes on, and says how old it is', async () => {
  expect(await text()).toContain('Web shop is down');
  expect(await text()).not.toContain('class="notice"');
  proxy.mode = 'away';
  nowMs += 50_000;
  expect(await text()).not.toContain('class="notice"');
  nowMs += 70_000;
  const old = await text();
  expect(old).toContain('Results are 2 min old: newer ones cannot be read at the moment.');
  expect(old).toContain('Web shop is down');
  expect(old).not.toMatch(/ECONN|ClickHouse/i);
  nowMs += 600_000;
  expect(await text()).toContain('The current state cannot be read; the last one: Web shop is down');
  expect(await text('/badge.svg')).toContain('not known');
  expect(await text('/badges/partner-interface/state.svg')).toContain('not known');
  const json = JSON.parse(await text('/status.json')) as Json;
  expect(json).toMatchObject({
    stale: true,
    state: 'unknown',
    monitors: [{ state: 'unknown', last_known_state: 'down' }, {}, {}, {}],
  });
  proxy.mode = 'pass';
  nowMs += 10_000;
  await expect.poll(() => text()).not.toContain('class="notice"');
});

test('a ClickHouse that does not answer holds up nobody who can be told something', async () => {
  await text();
  proxy.mode = 'hang';
  nowMs += 15_000;
  // The proxy never answers, so an answer here is the one that was kept.
  const answers = await Promise.all(Array.from({ length: 50 }, () => text()));
  expect(new Set(answers).size).toBe(1);
  expect(answers[0]).toContain('Web shop is down');
  expect(proxy.statements).toHaveLength(2);
});

test('a page that began without ClickHouse says that nothing can be read, and recovers', async () => {
  proxy.mode = 'away';
  const said = await text();
  expect(said).toContain('The state cannot be read at the moment');
  expect(said).toContain('No results can be read at the moment.');
  expect(said).toContain('Card payments fail');
  proxy.mode = 'pass';
  nowMs += 10_000;
  await expect.poll(() => text()).toContain('Web shop is down');
});

test('while alerting is away what people wrote stays, and readers are told that some may be missing', async () => {
  await text();
  alerting.posts = undefined;
  nowMs += 120_000;
  await expect.poll(() => text()).toContain('Incidents and maintenance of the last 2 min may be missing.');
  expect(await text()).toContain('Card payments fail');
});

test('is sent compressed, and not again to those who have it', async () => {
  const url = `${urls.page}/`;
  const get = (headers: Record<string, string>, method = 'GET') => request(url, { method, headers });
  const plain = await (await get({})).body.text();
  for (const [coding, decode] of [
    ['br', brotliDecompressSync],
    ['gzip', gunzipSync],
  ] as const) {
    const answered = await get({ 'accept-encoding': `deflate, ${coding};q=0.8` });
    expect(answered.headers).toMatchObject({ 'content-encoding': coding, vary: 'accept-encoding' });
    const body = Buffer.from(await answered.body.arrayBuffer());
    expect(decode(body).toString()).toBe(plain);
    expect(body.byteLength).toBeLessThan(plain.length / 3);
    const etag = String(answered.headers['etag']);
    const again = await get({ 'accept-encoding': coding, 'if-none-match': `"other", W/${etag}` });
    expect([again.statusCode, await again.body.text(), again.headers['etag']]).toEqual([304, '', etag]);
  }
  expect((await get({ 'accept-encoding': 'br;q=0, identity' })).headers['content-encoding']).toBeUndefined();
  expect((await get({ 'if-none-match': '"other"' })).statusCode).toBe(200);
  const head = await get({}, 'HEAD');
  expect([head.statusCode, await head.body.text(), Number(head.headers['content-length'])]).toEqual([
    200,
    '',
    Buffer.byteLength(plain),
  ]);
  const post = await get({}, 'POST');
  expect([post.statusCode, post.headers['allow']]).toEqual([405, 'GET, HEAD']);
});
