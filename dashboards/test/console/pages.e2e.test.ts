import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTables } from '../seed/schema.ts';
import { hexId, spanRow } from '../seed/rows.ts';
import { type Seeded, seedHour } from '../seed/seed.ts';
import { launchBrowser } from './browser.ts';
import {
  type AlertingStandIn,
  type ConsoleUnderTest,
  MONITORS_YAML,
  shownAlert,
  startAlertingStandIn,
  startConsole,
} from './console-under-test.ts';

let clickhouse: TestClickHouse;
let alerting: AlertingStandIn;
let console: ConsoleUnderTest;
let browser: Browser;
let seeded: Seeded;
let pictures: string;
const longTrace = hexId(0xfeedbeef, 32);

beforeAll(async () => {
  pictures = process.env['TOCSIN_PICTURES'] ?? (await mkdtemp(join(tmpdir(), 'tocsin-pictures-')));
  [clickhouse, alerting, browser] = await Promise.all([startTestClickHouse(), startAlertingStandIn(), launchBrowser()]);
  await createTables(clickhouse.client());
  seeded = await seedHour(clickhouse.client(), Date.now());
  const attributes = { ['k'.repeat(200)]: '/a/path/of/words'.repeat(20), ['http.'.repeat(20)]: 'v'.repeat(400) };
  const long = {
    service: 's'.repeat(100),
    name: 'n'.repeat(250),
    traceId: longTrace,
    spanId: hexId(1, 16),
    attributes,
  };
  const values = [
    spanRow({ ...long, atMs: Date.now() - 60_000, durationMs: 5, status: 'Error', message: 'm'.repeat(300) }),
  ];
  await clickhouse.client().insert({ table: 'otel_traces', values, format: 'JSONEachRow' });
  const minutesAgo = (minutes: number): Date => new Date(Date.now() - minutes * 60_000);
  const down = shownAlert(
    'MonitorDown',
    {
      summary: 'shop is down',
      description: 'Its probe has failed since three minutes.',
      reason: 'The status is 503; 200 was expected.',
      trace_id: seeded.failedProbeTraceId,
      runbook_url: 'https://runbooks.test/monitor-down',
    },
    minutesAgo(3),
  );
  alerting.answer = {
    status: 200,
    body: JSON.stringify([
      down,
      shownAlert('HighErrorRate', { summary: 'shop: 16.67% of requests fail' }, minutesAgo(9)),
    ]),
  };
  console = await startConsole(clickhouse.url, alerting.port, MONITORS_YAML);
});

afterAll(async () => {
  await browser?.close();
  await console?.stop();
  await alerting?.stop();
  await clickhouse?.stop();
  if (process.env['TOCSIN_PICTURES'] === undefined) await rm(pictures, { recursive: true });
});

const LOOKS = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1280, height: 900 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1280, height: 900 } },
  { name: 'phone-light', colorScheme: 'light', viewport: { width: 390, height: 844 } },
  { name: 'phone-dark', colorScheme: 'dark', viewport: { width: 390, height: 844 } },
  { name: 'small-phone', colorScheme: 'light', viewport: { width: 320, height: 568 } },
] as const;

interface Opened {
  readonly page: Page;
  /** What the browser complained of. */
  readonly complaints: string[];
}

async function open(path: string, look: (typeof LOOKS)[number]): Promise<Opened> {
  const page = await browser.newPage({ colorScheme: look.colorScheme, viewport: look.viewport });
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('requestfailed', (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText ?? ''}`));
  await page.goto(`${console.url}${path}`, { waitUntil: 'networkidle' });
  return { page, complaints };
}

describe.each(LOOKS)('in $name', (look) => {
  const scrollsSideways = (page: Page): Promise<boolean> =>
    page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth') as Promise<boolean>;

  test('the first page says how things are, without a complaint of the browser', async () => {
    const { page, complaints } = await open('/', look);
    expect(await page.title()).toBe('1 of 5 monitors down, 2 alerts firing · Tocsin');
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toContain('1 of 5 monitors down');
    expect(await page.getByText('The status is 503; 200 was expected.').count()).toBe(2);
    expect(await scrollsSideways(page)).toBe(false);
    await picture(page, `home-${look.name}`);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('a trace opens from its monitor, and a span shows its attributes', async () => {
    const { page, complaints } = await open('/', look);
    await page.getByRole('link', { name: 'trace', exact: true }).first().click();
    await page.waitForURL(`**/trace/${seeded.failedProbeTraceId}`);
    await page.getByText('probe shop', { exact: true }).first().click();
    expect(await page.getByText('tocsin.probe.reason').isVisible()).toBe(true);
    expect(await scrollsSideways(page)).toBe(false);
    await picture(page, `trace-probe-${look.name}`);
    await page.goto(`${console.url}/trace/${seeded.failedShopTraceId}`);
    await picture(page, `trace-shop-${look.name}`);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('a span with long names and values keeps them readable: no column is squeezed to nothing', async () => {
    const { page, complaints } = await open(`/trace/${longTrace}`, look);
    await page.locator('summary').click();
    const value = await page.getByText('/a/path/of/words').boundingBox();
    expect(value?.width).toBeGreaterThan(100);
    expect(await scrollsSideways(page)).toBe(false);
    await picture(page, `trace-long-${look.name}`);
    expect(complaints).toEqual([]);
    await page.close();
  });
});

test('a page without monitors, services and alerts says what to do next', async () => {
  const empty = await startConsole('http://127.0.0.1:9', 9);
  const page = await browser.newPage();
  await page.goto(empty.url);
  expect(await page.getByText('Add monitors to tocsin.yaml').count()).toBe(1);
  expect(await page.getByText('Alerting cannot be reached').count()).toBe(1);
  await picture(page, 'home-away');
  await page.close();
  await empty.stop();
});

async function picture(page: Page, name: string): Promise<void> {
  const path = join(pictures, `${name}.png`);
  await page.screenshot({ path, fullPage: true });
  expect((await readFile(path)).byteLength).toBeGreaterThan(5_000);
}
