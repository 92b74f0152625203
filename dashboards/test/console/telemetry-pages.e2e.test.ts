import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seedLogHour } from '../seed/log-hour.ts';
import { HOSTILE, seedMetricHour } from '../seed/metric-hour.ts';
import { seedMonitorExtras, shownIncident } from '../seed/monitor-extras.ts';
import { seedProbeDays } from '../seed/probe-days.ts';
import { hexId, logRow } from '../seed/rows.ts';
import { createTables } from '../seed/schema.ts';
import { type Seeded, seedHour } from '../seed/seed.ts';
import { launchBrowser } from './browser.ts';
import {
  type AlertingStandIn,
  type ConsoleUnderTest,
  MONITORS_YAML,
  startAlertingStandIn,
  startConsole,
} from './console-under-test.ts';
import {
  expectNoSidewaysScroll,
  type Look,
  LOOKS,
  makePictures,
  openPage,
  type Pictures,
  seriousIssues,
} from './page-under-test.ts';

let clickhouse: TestClickHouse;
let alerting: AlertingStandIn;
let console: ConsoleUnderTest;
let browser: Browser;
let seeded: Seeded;
let pictures: Pictures;

beforeAll(async () => {
  pictures = await makePictures();
  [clickhouse, alerting, browser] = await Promise.all([startTestClickHouse(), startAlertingStandIn(), launchBrowser()]);
  const client = clickhouse.client();
  await createTables(client);
  const nowMs = Date.now();
  seeded = await seedHour(client, nowMs);
  await seedProbeDays(client, 'shop', nowMs);
  await seedMonitorExtras(client, seeded.failedProbeTraceId, nowMs);
  await seedMetricHour(client, nowMs);
  await seedLogHour(client, nowMs);
  const incidents = [
    shownIncident('abc-1', { alertname: 'MonitorDown', monitor: 'shop' }, nowMs - 180_000),
    shownIncident('abc-2', { alertname: 'MonitorDown', monitor: 'pay' }, nowMs - 8_000_000, nowMs - 7_000_000),
  ];
  alerting.answers.set('/api/v1/incidents', { status: 200, body: JSON.stringify({ incidents }) });
  console = await startConsole(clickhouse.url, alerting.port, MONITORS_YAML);
});

afterAll(async () => {
  await browser?.close();
  await console?.stop();
  await alerting?.stop();
  await clickhouse?.stop();
  await pictures?.remove();
});

const open = (path: string, look?: Look) => openPage(browser, `${console.url}${path}`, look);
const PATIENCE = { timeout: 60_000 };

describe.each(LOOKS)('in $name', (look) => {
  test('a monitor says its days, times, phases, incidents, and why each run failed, with the trace of the application', async () => {
    const { page, complaints } = await open('/monitor/shop', look);
    await page.getByText('90 days ago').waitFor(PATIENCE);
    await page.locator('.uplot').first().waitFor(PATIENCE);
    expect(await page.getByRole('link', { name: 'MonitorDown' }).getAttribute('href')).toBe('/incident/abc-1');
    const run = page.locator('.runs li').first();
    await run.waitFor(PATIENCE);
    expect(await run.innerText()).toContain('The status is 503; 200 was expected.');
    await run.locator('summary').click();
    await run.getByText('GET /health').waitFor(PATIENCE);
    await page.locator('.uplot').nth(1).waitFor(PATIENCE);
    expect(await seriousIssues(page)).toEqual([]);
    await expectNoSidewaysScroll(page);
    await pictures.take(page, `monitor-${look.name}`);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('logs are found, counted and opened, and stay text', async () => {
    const { page, complaints } = await open('/logs?severity=fatal&severity=error&severity=warn', look);
    await page.locator('.record').first().waitFor(PATIENCE);
    await page.locator('.uplot').waitFor(PATIENCE);
    const hostile = page.locator('.record').first();
    expect(await hostile.innerText()).toContain('<img src=x');
    await hostile.locator('summary').click();
    await page.getByText('Resource', { exact: true }).waitFor();
    expect(await page.locator('main img').count()).toBe(0);
    expect(await seriousIssues(page)).toEqual([]);
    await expectNoSidewaysScroll(page);
    await pictures.take(page, `logs-${look.name}`);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('a metric is drawn by its attributes', async () => {
    const { page, complaints } = await open('/metrics?metric=shop.requests&by=http.route&by=service.instance.id', look);
    await page.locator('.uplot').waitFor(PATIENCE);
    expect(await page.locator('.statistics tbody tr').count()).toBe(4);
    expect(await seriousIssues(page)).toEqual([]);
    await expectNoSidewaysScroll(page);
    await pictures.take(page, `metric-${look.name}`);
    await page.goto(`${console.url}/metrics`);
    await page.getByRole('link', { name: 'shop.memory' }).waitFor(PATIENCE);
    expect(await seriousIssues(page)).toEqual([]);
    await expectNoSidewaysScroll(page);
    await pictures.take(page, `metrics-${look.name}`);
    expect(complaints).toEqual([]);
    await page.close();
  });
});

test('a certificate says both of its ends', async () => {
  const { page, complaints } = await open('/monitor/pay');
  const certificate = page.getByRole('region', { name: 'Certificate' });
  await certificate.waitFor(PATIENCE);
  expect(await certificate.locator('.bad').innerText()).toBe('in 9 d');
  expect(await certificate.innerText()).toContain('in 60 d');
  await pictures.take(page, 'monitor-certificate');
  expect(complaints).toEqual([]);
  await page.close();
});

test('what is typed and chosen among logs is in the URL, which shows the same to whom it is sent', async () => {
  const { page } = await open('/logs');
  await page.locator('.record').first().waitFor(PATIENCE);
  await page.keyboard.press('/');
  await page.keyboard.type('"motor 5" -57');
  await page.getByRole('group', { name: 'Severity' }).getByRole('button', { name: 'error' }).click();
  await page.getByLabel('Attribute').fill('parcel.hall');
  await page.getByLabel('Value').fill('south');
  await page.getByRole('button', { name: 'Filter' }).click();
  await page.waitForURL(/(?=.*[?&]q=)(?=.*severity=error)(?=.*where=)/);
  await expect
    .poll(() => page.locator('.record .body').allInnerTexts(), PATIENCE)
    .toEqual([59, 55, 53, 51].map((minute) => `Belt stopped: motor ${minute} too hot`));
  const { page: other } = await openPage(browser, page.url());
  await expect.poll(() => other.locator('.record').count(), PATIENCE).toBe(4);
  await other.close();
  await page.close();
});

test('a record leads to its trace', async () => {
  const { page } = await open(`/logs?trace=${seeded.failedShopTraceId}`);
  await page.locator('.record').getByRole('link', { name: 'trace' }).click(PATIENCE);
  await page.waitForURL(`**/trace/${seeded.failedShopTraceId}`);
  await page.close();
});

test('what is logged while the page follows appears by itself, once', async () => {
  const { page, complaints } = await open('/logs?live=1&service=forge');
  await page.getByText('waiting').waitFor(PATIENCE);
  const values = [logRow('forge', Date.now(), 'struck', hexId(5, 32), hexId(5, 16))];
  await clickhouse.client().insert({ table: 'otel_logs', values, format: 'JSONEachRow' });
  await page.getByText('struck').waitFor(PATIENCE);
  const late = [logRow('forge', Date.now() - 8_000, 'heated', hexId(6, 32), hexId(6, 16))];
  await clickhouse.client().insert({ table: 'otel_logs', values: late, format: 'JSONEachRow' });
  await page.getByText('heated').waitFor(PATIENCE);
  expect(await page.locator('.record .body').allInnerTexts()).toEqual(['struck', 'heated']);
  expect(complaints).toEqual([]);
  await page.close();
});

test('a metric is found by part of its name with the keyboard, then grouped, and hostile values stay text', async () => {
  const { page, complaints } = await open('/');
  await page.keyboard.press('g');
  await page.keyboard.press('m');
  await page.waitForURL('**/metrics');
  await page.getByRole('link', { name: 'shop.memory' }).waitFor(PATIENCE);
  await page.keyboard.press('/');
  await page.keyboard.type('orders');
  await expect.poll(() => page.locator('td a.name').allInnerTexts(), PATIENCE).toEqual(['shop.orders']);
  await page.getByRole('link', { name: 'shop.orders' }).click();
  await page.getByLabel('Group by').selectOption('hostile', PATIENCE);
  await page.locator('.statistics').getByText(HOSTILE.slice(0, 8)).waitFor(PATIENCE);
  expect(await page.locator('main img').count()).toBe(0);
  expect(page.url()).toContain('by=hostile');
  expect(complaints).toEqual([]);
  await page.close();
});
