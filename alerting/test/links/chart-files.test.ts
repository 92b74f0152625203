import { createHttpServer } from '@tocsin/service/http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ChartFiles, createChartFiles } from '../../src/links/chart-files.ts';
import { addChartRoutes } from '../../src/links/chart-routes.ts';
import { signLink } from '../../src/links/link-token.ts';
import { picturesOf, risingPoints, sampleNotification, SINCE_MS } from '../channels/sample.ts';

const KEY = new Uint8Array(32).fill(7);
const DAY_MS = 86_400_000;
let nowMs = SINCE_MS;
let files: ChartFiles;
let server: ReturnType<typeof createHttpServer>;
let base = '';

beforeEach(async () => {
  nowMs = SINCE_MS;
  files = createChartFiles(picturesOf(risingPoints(9)), KEY, () => base);
  server = createHttpServer({
    address: { host: '127.0.0.1', port: 0 },
    readiness: () => ({ ready: true, reasons: [] }),
  });
  addChartRoutes(server.app, files, () => nowMs);
  base = await server.listen();
});
afterEach(() => server.stop());

test('an address of a picture serves it without a token, for a day', async () => {
  const url = await files.urlOf(sampleNotification());
  expect(url).toMatch(new RegExp(`^${base}/api/v1/charts/c\\.[^/]+\\.png$`));
  const answer = await fetch(url!);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/png']);
  expect(
    Buffer.from(await answer.arrayBuffer())
      .subarray(1, 4)
      .toString(),
  ).toBe('PNG');
  nowMs += DAY_MS + 60_000;
  expect((await fetch(url!)).status).toBe(410);
});

test('what was not signed by us, is of something else or is gone, is refused', async () => {
  const url = (await files.urlOf(sampleNotification()))!;
  expect((await fetch(url.replace(/.(?=\.png$)/, (last) => (last === 'A' ? 'B' : 'A')))).status).toBe(403);
  expect((await fetch(url.replace('/c.', '/a.'))).status).toBe(403);
  const expiresAtMs = SINCE_MS + DAY_MS;
  const acknowledge = signLink({ action: 'acknowledge', notificationId: 'key-1', expiresAtMs }, KEY);
  expect((await fetch(`${base}/api/v1/charts/${acknowledge}.png`)).status).toBe(404);
  expect((await fetch(`${base}/api/v1/charts/nothing.png`)).status).toBe(404);
  const unknown = signLink({ action: 'chart', notificationId: 'key-9', expiresAtMs }, KEY);
  expect((await fetch(`${base}/api/v1/charts/${unknown}.png`)).status).toBe(404);
});

test('the oldest go first beyond 200', async () => {
  const first = (await files.urlOf(sampleNotification()))!;
  for (let at = 0; at < 200; at += 1) await files.urlOf(sampleNotification({ id: `n${at}` }));
  expect((await fetch(first)).status).toBe(404);
});

test('there is no address where there is no picture', async () => {
  expect(await createChartFiles(picturesOf([]), KEY, () => base).urlOf(sampleNotification())).toBeUndefined();
});
