import { hashPassword } from '@tocsin/service/password';
import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTables } from '../seed/schema.ts';
import { seedHour } from '../seed/seed.ts';
import { launchBrowser } from './browser.ts';
import {
  type AlertingStandIn,
  type ConsoleUnderTest,
  MONITORS_YAML,
  shownAlert,
  startAlertingStandIn,
  startConsole,
} from './console-under-test.ts';
import {
  EVERY_LOOK,
  expectNoSidewaysScroll,
  makePictures,
  openPage,
  type Pictures,
  seriousIssues,
} from './page-under-test.ts';

/* What every page has: time, refresh, keys, colours, live changes, signing in. */
const PASSWORD = 'correct horse';
let clickhouse: TestClickHouse;
let alerting: AlertingStandIn;
let console: ConsoleUnderTest;
let locked: ConsoleUnderTest;
let browser: Browser;
let pictures: Pictures;
let dataDir: string;

beforeAll(async () => {
  pictures = await makePictures();
  dataDir = await mkdtemp(join(tmpdir(), 'tocsin-shell-'));
  [clickhouse, alerting, browser] = await Promise.all([startTestClickHouse(), startAlertingStandIn(), launchBrowser()]);
  await createTables(clickhouse.client());
  await seedHour(clickhouse.client(), Date.now());
  console = await startConsole(clickhouse.url, alerting.port, MONITORS_YAML);
  const consoleYaml = `users: [{ name: ana, role: editor, password_hash: '${await hashPassword(PASSWORD)}' }]`;
  locked = await startConsole(clickhouse.url, alerting.port, MONITORS_YAML, { dataDir, consoleYaml });
});

afterAll(async () => {
  await browser?.close();
  await console?.stop();
  await locked?.stop();
  await alerting?.stop();
  await clickhouse?.stop();
  await pictures?.remove();
  await rm(dataDir, { recursive: true });
});

test('the time range and the refresh are in the URL, and go along to other pages and back', async () => {
  const { page, complaints } = await openPage(browser, console.url);
  await page.getByLabel('Time range').selectOption('6h');
  await page.getByLabel('Ask anew every').selectOption('1m');
  expect(new URL(page.url()).search).toBe('?range=6h&refresh=1m');
  await page.locator('a[href^="/monitor/shop"]').first().click();
  await page.waitForURL('**/monitor/shop?range=6h&refresh=1m');
  await page.getByText('365 days').waitFor();
  await page.goBack();
  await page.getByRole('heading', { name: 'Monitors', exact: true }).waitFor();
  expect(await page.getByLabel('Time range').inputValue()).toBe('6h');
  await page.getByLabel('Time range').selectOption('fixed');
  await page.getByLabel('From', { exact: true }).fill('2026-11-22T10:00');
  await page.getByLabel('To', { exact: true }).fill('2026-11-22T11:30');
  await page.getByRole('button', { name: 'Show' }).click();
  await expect.poll(() => new URL(page.url()).searchParams.get('to')).toBeTruthy();
  const { searchParams } = new URL(page.url());
  expect(Number(searchParams.get('to')) - Number(searchParams.get('from'))).toBe(90 * 60_000);
  expect(searchParams.get('range')).toBeNull();
  await expectNoSidewaysScroll(page);
  expect(complaints).toEqual([]);
  await page.close();
});

test('the keyboard leads through, and says how', async () => {
  const { page, complaints } = await openPage(browser, `${console.url}/monitor/shop`);
  await page.keyboard.press('?');
  await page.getByRole('heading', { name: 'Keys' }).waitFor();
  expect(await seriousIssues(page)).toEqual([]);
  await pictures.take(page, 'keys');
  await page.keyboard.press('Escape');
  await page.getByRole('heading', { name: 'Keys' }).waitFor({ state: 'hidden' });
  await page.keyboard.press('g');
  await page.keyboard.press('h');
  await page.getByRole('heading', { name: 'Firing alerts' }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/');
  expect(complaints).toEqual([]);
  await page.close();
});

test('colours and the zone are chosen, and remembered', async () => {
  const { page, complaints } = await openPage(browser, console.url);
  const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
  const light = await ground();
  const button = page.getByRole('button', { name: /^Colours/ });
  await button.click();
  await button.click();
  expect(await button.getAttribute('aria-label')).toBe('Colours: dark');
  expect(await ground()).not.toBe(light);
  await page.reload();
  await page.getByRole('heading', { level: 1 }).waitFor();
  expect(await ground()).not.toBe(light);
  const zone = page.getByRole('button', { name: /^Zone of times/ });
  await zone.click();
  expect(await zone.innerText()).toBe('UTC');
  expect(complaints).toEqual([]);
  await page.close();
});

test('a change shows by itself', async () => {
  const { page, complaints } = await openPage(browser, `${console.url}/?refresh=off`);
  await page.getByText('No alert is firing.').waitFor();
  await page.getByText('live', { exact: true }).waitFor();
  alerting.answer = { status: 200, body: JSON.stringify([shownAlert('PaymentsStuck')]) };
  await page.getByText('PaymentsStuck').waitFor();
  alerting.answer = { status: 200, body: '[]' };
  await page.getByText('No alert is firing.').waitFor();
  expect(complaints).toEqual([]);
  await page.close();
});

test('an address that is no page says so', async () => {
  const { page, complaints } = await openPage(browser, console.url);
  await page.goto(`${console.url}/<script>alert(1)</script>`);
  await page.getByText('There is no page at').waitFor();
  await page.getByRole('link', { name: 'Home' }).last().click();
  await page.getByRole('heading', { name: 'Monitors', exact: true }).waitFor();
  expect(complaints).toEqual([]);
  await page.close();
});

test.each([...EVERY_LOOK])(
  'where there are users one signs in, to the page that was asked for, and out, in $name',
  async (look) => {
    const { page, complaints } = await openPage(browser, `${locked.url}/monitor/shop`, look);
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Sign in');
    expect(await seriousIssues(page)).toEqual([]);
    await expectNoSidewaysScroll(page);
    await pictures.take(page, `sign-in-${look.name}`);
    await page.getByLabel('Name').fill('ana');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'shop' }).waitFor();
    await expectNoSidewaysScroll(page);
    await page.getByRole('button', { name: 'Sign out ana' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(complaints).toEqual([]);
    await page.close();
  },
);

test('a wrong password is said in words', async () => {
  const { page } = await openPage(browser, locked.url);
  await page.getByLabel('Name').fill('ana');
  await page.getByLabel('Password').fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('The name or the password is not right.').waitFor();
  await page.close();
});
