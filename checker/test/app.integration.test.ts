import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, type TocsinConfig } from '@tocsin/service/config';
import { silentLogger } from '@tocsin/service/log';
import type { RunningService } from '@tocsin/service/run';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createChecker } from '../src/app.ts';
import { acceptAll, type CollectorStandIn, serveCollector } from './collector-stand-in.ts';
import { serveHttp, type TestServer } from './servers.ts';

let folder: string;
let collector: CollectorStandIn;
let target: TestServer;
let statusCode: number;
let parents: unknown[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-checker-'));
  collector = await serveCollector();
  statusCode = 200;
  parents = [];
  target = await serveHttp((request, response) => {
    parents.push(request.headers['traceparent']);
    response.writeHead(statusCode).end('ok');
  });
});

afterEach(async () => {
  await collector[Symbol.asyncDispose]();
  await target[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function readConfig(monitors: string): Promise<TocsinConfig> {
  const file = join(folder, 'tocsin.yaml');
  const yaml = `
collector: { http: ${collector.port} }
checker: { http: 0, location: berlin }
monitors: ${monitors}
`;
  await writeFile(file, yaml);
  return loadConfig({ file, env: {}, workingDir: folder });
}

interface Started extends AsyncDisposable {
  readonly checker: RunningService;
  readonly reload: (config: TocsinConfig) => Promise<void>;
}

async function start(config: TocsinConfig): Promise<Started> {
  let apply: (config: TocsinConfig) => void | Promise<void> = () => {};
  const onReload = (next: typeof apply): void => void (apply = next);
  const checker = await createChecker({ config, dataDir: folder, log: silentLogger(), onReload });
  return {
    checker,
    reload: async (next) => apply(next),
    [Symbol.asyncDispose]: () => checker.stop(),
  };
}

function runsOf(monitor: string) {
  return collector.spans.filter(({ name }) => name === `probe ${monitor}`);
}

test('a configured monitor is probed at its interval and its trace is the one the target saw', async () => {
  const shop = `{ name: shop, http: '${target.url}/health', interval: 1s, expect: { status: 200 } }`;
  await using _running = await start(await readConfig(`[${shop}]`));
  await expect.poll(() => runsOf('shop').length).toBeGreaterThanOrEqual(3);
  const [first] = runsOf('shop');
  expect(parents).toContain(`00-${first?.traceId}-${first?.spanId}-01`);
  expect(first?.attributes).toMatchObject({ 'tocsin.probe.outcome': 'up', 'http.response.status_code': 200 });
  expect(first?.resource).toMatchObject({ 'service.name': 'tocsin-checker', 'tocsin.location': 'berlin' });
  const starts = runsOf('shop').map(({ startMs }) => startMs);
  expect((starts[1] ?? 0) - (starts[0] ?? 0)).toBeGreaterThan(500);

  statusCode = 503;
  const isDown = () =>
    runsOf('shop').some(({ attributes }) =>
      String(attributes['tocsin.probe.message']).startsWith('expected status 200, found 503'),
    );
  await expect.poll(isDown).toBe(true);
  const ups = collector.points.filter(({ name }) => name === 'tocsin.probe.up').map(({ value }) => value);
  expect(ups[0]).toBe(1);
});

test('the list of monitors goes out at the start and after a reload, without secrets', async () => {
  const list = () => {
    const points = collector.points.filter(({ name }) => name === 'tocsin.monitor.interval');
    const newest = Math.max(...points.map(({ timeMs }) => timeMs));
    return points
      .filter(({ timeMs }) => timeMs === newest)
      .map(({ value, attributes }) => [attributes['tocsin.monitor.name'], attributes['tocsin.monitor.target'], value]);
  };
  const monitors = (name: string) =>
    `[{ name: ${name}, http: 'http://u:secret@127.0.0.1:${target.port}/', interval: 1h },
      { name: nightly, http: '${target.url}', cron: '0 3 * * *', timezone: UTC }]`;
  await using running = await start(await readConfig(monitors('shop')));
  await expect.poll(list).toEqual([
    ['shop', `${target.url}/`, 3_600],
    ['nightly', `${target.url}/`, 86_400],
  ]);
  await running.reload(await readConfig(monitors('store')));
  await expect.poll(list).toEqual([
    ['store', `${target.url}/`, 3_600],
    ['nightly', `${target.url}/`, 86_400],
  ]);
});

test('a reload that adds, changes and removes monitors takes effect at once', async () => {
  const monitor = (name: string, path: string) => `{ name: ${name}, http: '${target.url}${path}', interval: 1s }`;
  await using running = await start(await readConfig(`[${monitor('a', '/1')}, ${monitor('b', '/1')}]`));
  await expect.poll(() => runsOf('a').length && runsOf('b').length).toBeGreaterThan(0);
  await running.reload(await readConfig(`[${monitor('a', '/2')}, ${monitor('c', '/1')}]`));
  const urls = () => runsOf('a').map(({ attributes }) => attributes['url.full']);
  await expect.poll(urls).toContain(`${target.url}/2`);
  await expect.poll(() => runsOf('c').length).toBeGreaterThan(0);
  const before = runsOf('b').length;
  await expect.poll(() => runsOf('c').length).toBeGreaterThan(2);
  expect(runsOf('b').length).toBe(before);
});

test('health and readiness answer, and the collector away for a moment changes neither', async () => {
  collector.answer = (_path, response) => response.writeHead(503).end();
  await using running = await start(await readConfig(`[{ name: a, http: '${target.url}', interval: 1s }]`));
  const url = running.checker.listening['checker.http'];
  await expect.poll(() => collector.requests.length).toBeGreaterThan(0);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  collector.answer = acceptAll;
  await expect.poll(() => runsOf('a').length).toBeGreaterThan(0);
});

test('stop ends a hanging run without a result, sends what waits and may be called twice', async () => {
  await using hanging = await serveHttp(() => {});
  const monitors = `[{ name: hang, http: '${hanging.url}', interval: 1s, timeout: 60s },
    { name: a, http: '${target.url}', interval: 1s }]`;
  const { checker } = await start(await readConfig(monitors));
  await expect.poll(() => parents.length).toBeGreaterThan(0);
  await expect.poll(() => runsOf('a').length).toBeGreaterThan(0);
  const startMs = performance.now();
  await Promise.all([checker.stop(), checker.stop()]);
  expect(performance.now() - startMs).toBeLessThan(10_000);
  expect(runsOf('hang')).toEqual([]);
  // A run that was under way at the stop has reached the target and has no result.
  expect(runsOf('a').length).toBeGreaterThanOrEqual(parents.length - 1);
  await expect(fetch(`${checker.listening['checker.http']}/healthz`)).rejects.toThrow('fetch failed');
});
