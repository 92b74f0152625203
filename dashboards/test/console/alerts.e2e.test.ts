import { setTimeout as sleep } from 'node:timers/promises';
import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTables } from '../seed/schema.ts';
import { seedHour } from '../seed/seed.ts';
import { type AlertingProcess, startAlerting } from './alerting-process.ts';
import { launchBrowser } from './browser.ts';
import { type ConsoleUnderTest, startConsole } from './console-under-test.ts';
import {
  expectNoSidewaysScroll,
  type Look,
  LOOKS,
  makePictures,
  openPage,
  type Pictures,
  seriousIssues,
} from './page-under-test.ts';

/* The pages of alerts over alerting itself, which has rules, incidents, silences and a schedule. */
const PEOPLE = `
oncall:
  users:
    - { name: ana, contact: [ana-phone] }
    - { name: ben, contact: [ben-phone] }
  schedules:
    - name: primary
      timezone: Europe/Berlin
      layers: [{ users: [ana, ben], rotation: daily, start: 2026-11-02, handover: '09:00' }]
    - name: days
      layers: [{ users: [ben], rotation: weekly, start: 2026-11-02, restrictions: [{ days: ['mon:fri'], from: '08:00', to: '18:00' }] }]
`;
const ESCALATIONS = `  escalations:
    - name: standard
      steps:
        - { wait: 10m, notify: [{ schedule: primary }] }
        - { notify: [{ user: ben }] }
`;
const ALERTING = `
alerting:
  route: { receiver: team, group_by: [alertname, service], group_wait: 0s, group_interval: 1s }
  receivers:
    - { name: team, escalation: standard }
    - { name: ana-phone, webhook_configs: [{ url: 'http://127.0.0.1:1/' }] }
    - { name: ben-phone, webhook_configs: [{ url: 'http://127.0.0.1:1/' }] }
`;
const RULES = `
groups:
  - name: shop
    interval: 1s
    rules:
      - alert: SlowCheckout
        sql: |
          SELECT ServiceName AS service, quantile(0.95)(Duration) / 1e9 AS value FROM otel_traces
          WHERE Timestamp > {now:DateTime64(9)} - INTERVAL 5 MINUTE AND Timestamp <= {now:DateTime64(9)}
          GROUP BY service HAVING value > 0.05
        for: 10m
        annotations: { summary: '{{ $labels.service }} is slow' }
`;

let clickhouse: TestClickHouse;
let alerting: AlertingProcess;
let console: ConsoleUnderTest;
let browser: Browser;
let pictures: Pictures;

const push = (labels: Record<string, string>, annotations: Record<string, string> = {}): Promise<unknown> =>
  alerting.ask('POST', '/api/v2/alerts', [{ labels, annotations }]);

beforeAll(async () => {
  pictures = await makePictures();
  [clickhouse, browser] = await Promise.all([startTestClickHouse(), launchBrowser()]);
  await createTables(clickhouse.client());
  await seedHour(clickhouse.client(), Date.now());
  alerting = await startAlerting(clickhouse.url, `${PEOPLE}${ESCALATIONS}${ALERTING}`, RULES);
  console = await startConsole(clickhouse.url, alerting.port, PEOPLE, {
    alertingYaml: 'route: { receiver: ana-phone }, receivers: [{ name: ana-phone }, { name: ben-phone }]',
  });
  await push(
    { alertname: 'HighErrorRate', service: 'checkout', severity: 'page' },
    {
      summary: 'checkout: 12% of requests fail',
      description: 'Of 4,000 requests in five minutes 12% ended in an error.',
    },
  );
  await push(
    { alertname: 'DiskNearlyFull', service: 'db', disk: 'default', severity: 'ticket' },
    { summary: 'The disk has 3 GiB left' },
  );
  for (let open = 0; open < 2;) {
    const { incidents } = (await alerting.ask('GET', '/api/v1/incidents?status=open')) as { incidents: unknown[] };
    open = incidents.length;
    await sleep(100);
  }
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
  test.each([
    ['incidents', '/alerts', 'HighErrorRate, service=checkout'],
    ['alerts', '/alerts?view=alerts', 'checkout: 12% of requests fail'],
    ['silences', `/alerts?view=silences&matcher=${encodeURIComponent('service="db"')}`, 'What would it hit?'],
    ['rules', '/alerts?view=rules', 'SlowCheckout'],
    ['rule', '/rule/shop/SlowCheckout', 'quantile(0.95)'],
    ['deliveries', '/alerts?view=deliveries', 'Deliveries'],
    ['on-call', '/oncall', 'handovers by the clock of Europe/Berlin'],
  ])('%s can be read, and axe finds nothing serious', async (name, path, text) => {
    const { page, complaints } = await open(path, look);
    await page.getByText(text).first().waitFor();
    if (name === 'rule') await page.locator('.chart canvas').waitFor();
    expect(await seriousIssues(page)).toEqual([]);
    await expectNoSidewaysScroll(page);
    await pictures.take(page, `${name}-${look.name}`);
    expect(complaints).toEqual([]);
    await page.close();
  });
});

test('an incident is acknowledged, noted and given back, and alerting knows it', async () => {
  const { page } = await open('/alerts');
  await page.getByRole('link', { name: 'HighErrorRate, service=checkout' }).click();
  await page.getByRole('heading', { level: 1, name: 'HighErrorRate' }).waitFor();
  await page.getByRole('button', { name: 'Acknowledge' }).click();
  await page.locator('.state', { hasText: 'Acknowledged' }).waitFor();
  await page.getByPlaceholder('A note for').fill('it is the <b>disk</b>');
  await page.getByRole('button', { name: 'Write it down' }).click();
  await page.getByText('it is the <b>disk</b>').waitFor();
  await pictures.take(page, 'incident');
  const id = page.url().split('/').at(-1)?.split('?')[0] ?? '';
  const shown = (await alerting.ask('GET', `/api/v1/incidents/${id}`)) as { incident: { status: string } };
  expect(shown.incident.status).toBe('acknowledged');
  await page.getByRole('button', { name: 'Give it back' }).click();
  await page.locator('.state', { hasText: 'Nobody has it' }).waitFor();
  expect(await seriousIssues(page)).toEqual([]);
  await page.close();
});

test('a silence is looked at before it is made, made, seen on its alert, and ended', async () => {
  const { page } = await open('/alerts?view=alerts');
  await page
    .getByRole('listitem')
    .filter({ hasText: 'DiskNearlyFull' })
    .getByRole('link', { name: 'Silence' })
    .first()
    .click();
  await page.getByRole('button', { name: 'What would it hit?' }).click();
  await page.getByText('1 alert that fire now').waitFor();
  await page.getByPlaceholder('planned work').fill('a bigger disk comes');
  await page.getByRole('button', { name: 'Silence', exact: true }).click();
  await page.getByText('a bigger disk comes').waitFor();
  const silences = (await alerting.ask('GET', '/api/v2/silences')) as { comment: string; createdBy: string }[];
  expect(silences).toMatchObject([{ comment: 'a bigger disk comes', createdBy: 'console' }]);
  await page.goto(`${console.url}/alerts?view=alerts`);
  await page.getByText('silenced').first().waitFor();
  await page.goto(`${console.url}/alerts?view=silences`);
  await page.getByRole('button', { name: 'End it now' }).click();
  await page.locator('.state', { hasText: 'Over' }).waitFor();
  await page.close();
});

test('a silence that matches everything is refused in words, and so is a matcher that is none', async () => {
  const { page } = await open(`/alerts?view=silences&matcher=${encodeURIComponent('service=~".*"')}`);
  await page.getByRole('button', { name: 'What would it hit?' }).click();
  await page.locator('.notice').first().waitFor();
  await page.locator('textarea').fill('service is db');
  await page.getByText('this is none').waitFor();
  expect(await page.getByRole('button', { name: 'What would it hit?' }).isDisabled()).toBe(true);
  await page.close();
});

test('somebody is put on call for a while, and taken off again', async () => {
  const { page } = await open('/oncall');
  await page.getByRole('button', { name: 'Put somebody on call' }).click();
  await page.getByLabel('Who').selectOption('ben');
  await page.getByRole('button', { name: 'Put on call' }).click();
  await page.getByRole('button', { name: 'Take it back' }).waitFor();
  await pictures.take(page, 'override');
  const { overrides } = (await alerting.ask('GET', '/api/v1/oncall/overrides')) as { overrides: unknown[] };
  expect(overrides).toMatchObject([{ schedule: 'primary', user: 'ben' }]);
  await page.getByRole('button', { name: 'Take it back' }).click();
  await page.getByText('None from now on.').waitFor();
  await page.close();
});
