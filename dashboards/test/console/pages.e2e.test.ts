import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTables } from '../seed/schema.ts';
import { hexId, spanRow } from '../seed/rows.ts';
import { seedProbeDays } from '../seed/probe-days.ts';
import { type Seeded, seedHour } from '../seed/seed.ts';
import { launchBrowser } from './browser.ts';
import {
  type AlertingStandIn,
  type ConsoleUnderTest,
  MONITORS_YAML,
  shownAlert,
  shownOnCall,
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
const longTrace = hexId(0xfeedbeef, 32);

beforeAll(async () => {
  pictures = await makePictures();
  [clickhouse, alerting, browser] = await Promise.all([startTestClickHouse(), startAlertingStandIn(), launchBrowser()]);
  await createTables(clickhouse.client());
  seeded = await seedHour(clickhouse.client(), Date.now());
  await seedProbeDays(clickhouse.client(), 'shop', Date.now());
  alerting.answers.set('/api/v1/oncall/now', { status: 200, body: JSON.stringify(shownOnCall(Date.now())) });
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
  await pictures?.remove();
});

const open = (path: string, look?: Look) => openPage(browser, `${console.url}${path}`, look);

describe.each(LOOKS)('in $name', (look) => {
  test('the first page says how things are, without a complaint of the browser', async () => {
    const { page, complaints } = await open('/', look);
    // On a busy machine the first questions may end without an answer; the page asks again by itself.
    await expect.poll(() => page.title(), { timeout: 60_000 }).toBe('1 of 5 monitors down, 2 alerts firing · Tocsin');
    await page.getByText('until').first().waitFor();
    expect(await page.getByRole('img', { name: /^shop: 9.* of the runs of 90 days/ }).isVisible()).toBe(true);
    expect(await page.getByRole('rowheader', { name: 'Store' }).count()).toBe(1);
    expect(await page.getByText('Not watched yet').isVisible()).toBe(true);
    expect(await seriousIssues(page)).toEqual([]);
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toContain('1 of 5 monitors down');
    // The alert says it; the monitor does too, until its last run is two minutes old.
    expect(await page.getByText('The status is 503; 200 was expected.').first().isVisible()).toBe(true);
    await expectNoSidewaysScroll(page);
    await pictures.take(page, `home-${look.name}`);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('a trace opens from its monitor, and a span shows its attributes', async () => {
    const { page, complaints } = await open('/', look);
    await page.getByRole('link', { name: 'trace', exact: true }).first().click();
    await page.waitForURL(`**/trace/${seeded.failedProbeTraceId}`);
    await page.getByRole('treegrid').getByText('probe shop', { exact: true }).click();
    expect(await seriousIssues(page)).toEqual([]);
    await page.getByText('tocsin.probe.reason').waitFor();
    await expectNoSidewaysScroll(page);
    await pictures.take(page, `trace-probe-${look.name}`);
    await page.goto(`${console.url}/trace/${seeded.failedShopTraceId}`);
    await page.locator('.bad', { hasText: 'card declined' }).first().waitFor();
    await pictures.take(page, `trace-shop-${look.name}`);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('a span with long names and values keeps them readable: no column is squeezed to nothing', async () => {
    const { page, complaints } = await open(`/trace/${longTrace}`, look);
    await page.locator('.span-row').click();
    const value = await page.getByText('/a/path/of/words').boundingBox();
    expect(value?.width).toBeGreaterThan(100);
    await expectNoSidewaysScroll(page);
    await pictures.take(page, `trace-long-${look.name}`);
    expect(complaints).toEqual([]);
    await page.close();
  });
});

test('a page without monitors, services and alerts says what to do next', async () => {
  const empty = await startConsole('http://127.0.0.1:9', 9);
  const { page, complaints } = await openPage(browser, empty.url);
  expect(await page.getByText('No monitor is configured').first().isVisible()).toBe(true);
  expect(await page.getByText('Alerting cannot be reached').first().isVisible()).toBe(true);
  expect(await page.getByText('ClickHouse cannot be reached').first().isVisible()).toBe(true);
  await pictures.take(page, 'home-away');
  expect(complaints).toEqual([]);
  await page.close();
  await empty.stop();
});
