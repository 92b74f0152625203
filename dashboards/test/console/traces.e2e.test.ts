import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hexId, spanRow } from '../seed/rows.ts';
import { createTables } from '../seed/schema.ts';
import { seedDeployedStore } from '../seed/shop-deployed.ts';
import { launchBrowser } from './browser.ts';
import {
  type AlertingStandIn,
  type ConsoleUnderTest,
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

const HOSTILE = '<script>alert(1)</script>\u202e';
const hostileTrace = hexId(0xbad, 32);
const manyTrace = hexId(0x10000, 32);
/** A failed trace of the newer version. */
const failedTrace = hexId(0x70000 + 175, 32);

let clickhouse: TestClickHouse;
let alerting: AlertingStandIn;
let console: ConsoleUnderTest;
let browser: Browser;
let pictures: Pictures;

beforeAll(async () => {
  pictures = await makePictures();
  [clickhouse, alerting, browser] = await Promise.all([startTestClickHouse(), startAlertingStandIn(), launchBrowser()]);
  const client = clickhouse.client();
  await createTables(client);
  const nowMs = Date.now();
  const store = seedDeployedStore(nowMs);
  await client.insert({
    table: 'otel_traces',
    values: [...store.spans, ...hostileSpans(nowMs - 60_000)],
    format: 'JSONEachRow',
  });
  await client.insert({ table: 'otel_logs', values: store.logs, format: 'JSONEachRow' });
  const many = `INSERT INTO otel_traces (Timestamp, TraceId, SpanId, ParentSpanId, SpanName, ServiceName, Duration, StatusCode)
    SELECT addMilliseconds(now64(9) - 120, number), {id:String}, lower(hex(number + 1)), if(number = 0, '', lower(hex(intDiv(number - 1, 5) + 1))),
      concat('step ', toString(number)), concat('batch-', toString(number % 9)), 4000000, if(number % 500 = 3, 'Error', 'Unset') FROM numbers(10000)`;
  await client.command({ query: many, query_params: { id: manyTrace } });
  console = await startConsole(clickhouse.url, alerting.port);
});

afterAll(async () => {
  await browser?.close();
  await console?.stop();
  await alerting?.stop();
  await clickhouse?.stop();
  await pictures?.remove();
});

/** No root, a circle, a child before its parent, a value of a megabyte, names that are scripts and turn the direction of writing. */
function hostileSpans(atMs: number): Record<string, unknown>[] {
  const of = (id: number, parent: number, name: string, offsetMs: number, more = {}) =>
    spanRow({
      service: `${HOSTILE}shop`,
      name,
      traceId: hostileTrace,
      spanId: hexId(id, 16),
      parentSpanId: hexId(parent, 16),
      atMs: atMs + offsetMs,
      durationMs: 20,
      ...more,
    });
  return [
    of(1, 99, 'no root', 0, { attributes: { [HOSTILE]: HOSTILE, huge: 'x'.repeat(1_000_000) } }),
    of(2, 3, 'a circle', 5),
    of(3, 2, 'the circle', 6),
    of(4, 1, 'before its parent', -30, { status: 'Error', message: HOSTILE }),
    of(5, 5, HOSTILE, 8),
  ];
}

const open = (path: string, look?: Look) => openPage(browser, `${console.url}${path}`, look);

describe.each(LOOKS)('in $name', (look) => {
  test('traces are searched for, and the search is in the URL', async () => {
    const { page, complaints } = await open('/traces', look);
    await page.getByRole('link', { name: 'web: GET /buy' }).first().waitFor();
    await page.getByRole('combobox', { name: 'Status' }).selectOption('error');
    await page.waitForURL(/status=error/);
    await page.getByLabel('Attribute', { exact: true }).fill('http.response.status_code=500');
    await page.getByRole('button', { name: 'Add' }).click();
    await page.waitForURL(/where=http/);
    await page.getByRole('heading', { name: '12 traces' }).waitFor();
    await page.getByText('store: POST /orders').first().waitFor();
    expect(await seriousIssues(page)).toEqual([]);
    await expectNoSidewaysScroll(page);
    await pictures.take(page, `traces-${look.name}`);
    await page.reload();
    await page.getByRole('heading', { name: '12 traces' }).waitFor();
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('a trace shows its waterfall, the critical path, a span with its attributes, and what was logged', async () => {
    const { page, complaints } = await open(`/trace/${failedTrace}`, look);
    await page.getByRole('treegrid').getByText('POST /orders', { exact: true }).click();
    await page.waitForURL(/span=/);
    await page.getByText('http.response.status_code', { exact: true }).waitFor();
    await page.getByText('exception.message').waitFor();
    expect(await page.getByText('payment was refused').count()).toBeGreaterThan(2);
    expect(await page.locator('rect.critical').count()).toBeGreaterThan(4);
    expect(
      await page
        .getByRole('row', { name: /render/ })
        .locator('rect.critical')
        .count(),
    ).toBe(0);
    expect(await seriousIssues(page)).toEqual([]);
    await expectNoSidewaysScroll(page);
    await pictures.take(page, `trace-${look.name}`);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('services and one of them: operations, a deployment compared, who calls whom, instances, errors', async () => {
    const { page, complaints } = await open('/services', look);
    await page.locator('.service-list').getByRole('link', { name: 'store' }).waitFor();
    expect(await seriousIssues(page)).toEqual([]);
    await expectNoSidewaysScroll(page);
    await pictures.take(page, `services-${look.name}`);
    await page.locator('.service-list').getByRole('link', { name: 'store' }).click();
    await page.waitForURL(/\/service\/store/);
    await page.getByRole('heading', { name: 'Dependencies' }).waitFor();
    await page.getByText('10 min before and after').or(page.getByText('9 min before and after')).waitFor();
    expect(await page.locator('.graph .node').count()).toBe(5);
    expect(await page.getByText('store-1').count()).toBeGreaterThan(0);
    expect(await seriousIssues(page)).toEqual([]);
    await expectNoSidewaysScroll(page);
    await pictures.take(page, `service-${look.name}`);
    await page.getByRole('link', { name: 'POST /orders' }).last().click();
    await page.waitForURL(/\/trace\/.*span=/);
    await page.getByText('exception.message').waitFor();
    expect(complaints).toEqual([]);
    await page.close();
  });
});

test('a hostile trace is text in its place; a value of a megabyte is cut until it is asked for', async () => {
  const { page, complaints } = await open(`/trace/${hostileTrace}`);
  for (const name of ['no root', 'a circle', 'the circle', 'before its parent'])
    await page.getByRole('treegrid').getByText(name, { exact: true }).waitFor();
  await page.getByRole('treegrid').getByText('no root', { exact: true }).click();
  await page.getByRole('button', { name: 'Show all 1,000,000 characters' }).click();
  await expect.poll(async () => (await page.locator('pre.whole').textContent())?.length).toBe(1_000_000);
  expect(await page.locator('main script').count()).toBe(0);
  await pictures.take(page, 'trace-hostile');
  expect(complaints).toEqual([]);
  await page.close();
});

test('ten thousand spans: few rows are in the page, scrolling and the keyboard reach the last', async () => {
  const { page, complaints } = await open(`/trace/${manyTrace}`);
  await page.getByRole('treegrid').getByText('step 0', { exact: true }).waitFor();
  expect(await page.locator('.span-row').count()).toBeLessThan(120);
  await page.getByRole('treegrid').press('End');
  await page.waitForURL(/span=/);
  const last = page.locator('.span-row.selected');
  await last.waitFor();
  expect(await last.getAttribute('aria-rowindex')).toBe('10001');
  expect(await page.locator('.span-row').count()).toBeLessThan(120);
  await page.getByLabel('Find a span or service').fill('step 9999');
  await expect.poll(() => page.locator('.span-row').count()).toBe(1);
  await pictures.take(page, 'trace-many');
  expect(complaints).toEqual([]);
  await page.close();
});

test('keys open both pages, the first page leads to a service, and a trace that is not stored says so', async () => {
  const { page } = await open('/');
  await page.getByRole('link', { name: 'store', exact: true }).first().click();
  await page.waitForURL(/\/service\/store/);
  await page.getByRole('heading', { name: 'Operations' }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('t');
  await page.waitForURL(/\/traces/);
  await page.getByRole('search').waitFor();
  await page.keyboard.press('/');
  expect(await page.evaluate('document.activeElement.hasAttribute("data-search")')).toBe(true);
  await page.evaluate('document.activeElement.blur()');
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await page.waitForURL(/\/services/);
  await page.goto(`${console.url}/trace/${'e'.repeat(32)}`);
  await page.getByText('No span of this trace is stored').waitFor();
  await page.close();
});

test('a rectangle in the picture searches in its time and durations', async () => {
  const { page, complaints } = await open('/traces?service=store');
  const box = await page.locator('.heat-box').boundingBox();
  await page.locator('.trace-dot').first().waitFor();
  if (!box) throw new Error('the picture is not there');
  await page.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.1);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.95, box.y + box.height * 0.6, { steps: 4 });
  await page.mouse.up();
  await page.waitForURL(/from=\d+&to=\d+.*min=.*ms.*max=.*ms/);
  await page.getByRole('heading', { name: /^\d+ traces?$/ }).waitFor();
  expect(complaints).toEqual([]);
  await page.close();
});
