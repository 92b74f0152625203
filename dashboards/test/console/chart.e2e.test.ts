import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import type { Browser } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CONTENT_SECURITY_POLICY } from '../../src/web/security-headers.ts';
import { launchBrowser } from './browser.ts';
import {
  expectNoSidewaysScroll,
  LOOKS,
  makePictures,
  openPage,
  type Pictures,
  seriousIssues,
} from './page-under-test.ts';

/* A chart by itself, under the policy of the console. */
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
let folder: string;
let server: Server;
let url: string;
let browser: Browser;
let pictures: Pictures;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-chart-'));
  await build({
    root: join(import.meta.dirname, '../../web/test/chart-page'),
    configFile: false,
    logLevel: 'error',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: { outDir: folder, emptyOutDir: true, modulePreload: { polyfill: false } },
  });
  server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://x').pathname;
    void readFile(join(folder, path === '/' ? 'index.html' : path)).then(
      (body) => {
        const type = TYPES[extname(path)] ?? 'text/html';
        response.writeHead(200, { 'content-type': type, 'content-security-policy': CONTENT_SECURITY_POLICY }).end(body);
      },
      () => response.writeHead(204).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  browser = await launchBrowser();
  pictures = await makePictures();
});

afterAll(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
  await pictures?.remove();
  await rm(folder, { recursive: true });
});

test.each([...LOOKS])('it is drawn, says its values in words, and dragging chooses a time, in $name', async (look) => {
  const { page, complaints } = await openPage(browser, url, look);
  await page.locator('canvas').waitFor();
  expect(await page.getByRole('figure', { name: 'Requests a second' }).innerText()).toContain('<b>errors</b> 20/s');
  expect(await seriousIssues(page)).toEqual([]);
  await expectNoSidewaysScroll(page);
  await pictures.take(page, `chart-${look.name}`);
  const box = await page.locator('.u-over').boundingBox();
  if (!box) throw new Error('nothing to drag over');
  await page.mouse.move(box.x + box.width * 0.25, box.y + 50);
  await expect.poll(() => page.getByRole('figure').innerText()).toContain('<b>errors</b> 0/s');
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.5, box.y + 50, { steps: 5 });
  await page.mouse.up();
  await expect.poll(() => new URL(page.url()).searchParams.get('from')).toBeTruthy();
  const [from, to] = ['from', 'to'].map((name) => Number(new URL(page.url()).searchParams.get(name)));
  const hour = Date.UTC(2026, 10, 22, 18);
  expect(Math.abs((from ?? 0) - hour - 900_000)).toBeLessThan(60_000);
  expect(Math.abs((to ?? 0) - hour - 1_800_000)).toBeLessThan(60_000);
  expect(complaints).toEqual([]);
  await page.close();
});
