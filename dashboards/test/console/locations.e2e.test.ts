import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hexId, pointRow, spanRow, timestamp } from '../seed/rows.ts';
import { createTables } from '../seed/schema.ts';
import { launchBrowser } from './browser.ts';
import {
  type AlertingStandIn,
  type ConsoleUnderTest,
  startAlertingStandIn,
  startConsole,
} from './console-under-test.ts';
import {
  expectNoSidewaysScroll,
  LOOKS,
  makePictures,
  openPage,
  type Pictures,
  seriousIssues,
} from './page-under-test.ts';

/* Monitors that several locations watch, in a real browser: who says what on the first page, and each location on the monitor's own. */
const MINUTE_MS = 60_000;
const REASON = 'The connection was refused by 203.0.113.7:443 after 12 ms, which is what a closed port says.';
/** By monitor and location: the state, and what mutes it. */
const SAID: Readonly<
  Record<string, Readonly<Record<string, readonly [state: string, mutedBy?: string, by?: string]>>>
> = {
  'checkout of the shop': {
    'eu-north-1': ['down'],
    'eu-west-3': ['down'],
    lima: ['up'],
    'us-east-1': ['up'],
    york: ['down'],
  },
  gateway: { 'eu-north-1': ['up'], 'eu-west-3': ['unknown'], lima: ['up'], 'us-east-1': ['degraded'], york: ['up'] },
  nightly: { 'eu-north-1': ['down', 'maintenance'], 'eu-west-3': ['down', 'maintenance'] },
  search: { 'eu-north-1': ['down', 'dependency', 'gateway'] },
};
const YAML = `monitors:\n${Object.keys(SAID)
  .map((name) => `  - { name: ${name}, http: 'https://shop.test/health/of/a/rather/long/path', interval: 30s }`)
  .join('\n')}`;

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
  const { gauges, sums, spans } = seed(Date.now());
  await client.insert({ table: 'otel_metrics_gauge', values: gauges, format: 'JSONEachRow' });
  await client.insert({ table: 'otel_metrics_sum', values: sums, format: 'JSONEachRow' });
  await client.insert({ table: 'otel_traces', values: spans, format: 'JSONEachRow' });
  console = await startConsole(clickhouse.url, alerting.port, YAML);
});

afterAll(async () => {
  await browser?.close();
  await console?.stop();
  await alerting?.stop();
  await clickhouse?.stop();
  await pictures?.remove();
});

/** An hour in which everything was up until five minutes ago; lima has told nothing for ten. */
function seed(endMs: number) {
  const rows = {
    gauges: [] as Record<string, unknown>[],
    sums: [] as Record<string, unknown>[],
    spans: [] as Record<string, unknown>[],
  };
  const locations = new Set(Object.values(SAID).flatMap((said) => Object.keys(said)));
  for (const location of locations) {
    const ResourceAttributes = { 'service.name': 'tocsin-checker', 'tocsin.location': location };
    const lastMs = location === 'lima' ? endMs - 10 * MINUTE_MS : endMs;
    for (let atMs = endMs - 60 * MINUTE_MS; atMs <= lastMs; atMs += 30_000) {
      const put = (metric: string, value: number, attributes: Record<string, string>): void =>
        void rows.gauges.push({ ...pointRow(metric, atMs, value, attributes), ResourceAttributes });
      put('tocsin.checker.blind', 0, {});
      for (const [name, said] of Object.entries(SAID)) {
        const now = said[location];
        if (!now) continue;
        const [state, mutedBy, by] = endMs - atMs > 5 * MINUTE_MS && now[1] === undefined ? ['up'] : now;
        const monitor = { 'tocsin.monitor.name': name, 'tocsin.monitor.kind': 'http' };
        put('tocsin.monitor.interval', 30, { ...monitor, 'tocsin.monitor.target': 'https://shop.test/' });
        const muted = mutedBy === undefined ? {} : { 'tocsin.monitor.muted_by': mutedBy };
        const explained = by === undefined ? {} : { 'tocsin.monitor.suppressed_by': by };
        put('tocsin.monitor.up', state === 'down' ? 0 : 1, {
          ...monitor,
          ...muted,
          ...explained,
          'tocsin.monitor.state': state,
        });
        const judged = {
          ...monitor,
          'tocsin.probe.outcome': state,
          'tocsin.probe.reason': state === 'up' ? 'ok' : 'connect_refused',
        };
        rows.sums.push({
          ...pointRow('tocsin.probe.runs', atMs - 50, 1, judged),
          StartTimeUnix: timestamp(atMs - 100),
          ResourceAttributes,
          AggregationTemporality: 1,
          IsMonotonic: true,
        });
        const number = rows.spans.length + 1;
        const attributes = { ...judged, 'tocsin.probe.message': state === 'up' ? 'Status 200.' : REASON };
        const ids = { traceId: hexId(number, 32), spanId: hexId(number, 16) };
        rows.spans.push(
          spanRow({
            service: 'tocsin-checker',
            name: `probe ${name}`,
            ...ids,
            atMs: atMs - 100,
            durationMs: 50,
            attributes,
            resource: ResourceAttributes,
          }),
        );
      }
    }
  }
  return rows;
}

describe.each(LOOKS)('in $name', (look) => {
  const { name, viewport } = look;
  test('the first page names who disagrees, and leads to the page of the monitor', async () => {
    const { page, complaints } = await openPage(browser, console.url, look);
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('1 of 4 monitors down');
    const row = page.getByRole('row').filter({ hasText: 'checkout of the shop' });
    const text = (
      await (viewport.width > 700 ? row : page.locator('tr', { hasText: 'checkout of the shop' })).innerText()
    ).replaceAll(/\s+/g, ' ');
    expect(text).toContain('down at eu-north-1, eu-west-3, york · up at us-east-1 · silent: lima');
    expect(await page.getByText('in maintenance').count()).toBe(1);
    expect(await page.getByText('because of').count()).toBe(1);
    await take(page, `locations-home-${name}`);
    await page.getByRole('link', { name: 'checkout of the shop' }).click();
    await page.waitForURL('**/monitor/checkout%20of%20the%20shop');
    await page.getByText('365 days').first().waitFor();
    for (const words of ['eu-north-1', 'us-east-1', '? Silent', '24 hours', '365 days'])
      expect(await page.getByText(words, { exact: true }).first().isVisible(), words).toBe(true);
    await take(page, `locations-monitor-${name}`);
    await page.goto(`${console.url}/monitor/gateway`, { waitUntil: 'load' });
    await page.getByText('unknown at eu-west-3').first().waitFor();
    await take(page, `locations-gateway-${name}`);
    expect(complaints).toEqual([]);
    await page.close();
  });
});

test('a monitor that is not configured has no page', async () => {
  expect((await fetch(`${console.url}/api/v1/monitors/nothing`)).status).toBe(404);
  const answer = await fetch(`${console.url}/api/v1/monitors/gateway`);
  expect(await answer.json()).toMatchObject({
    monitor: { name: 'gateway', locations: [{ name: 'eu-north-1' }, {}, {}, {}, {}] },
    uptime: { status: 'ok' },
  });
});

/** Takes a picture; nothing may stick out at the side. */
async function take(page: Page, name: string): Promise<void> {
  await expectNoSidewaysScroll(page);
  expect(await seriousIssues(page)).toEqual([]);
  await pictures.take(page, name);
}
