import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../console/browser.ts';
import { seedHour } from '../seed/seed.ts';
import { createTables } from '../seed/schema.ts';
import { seedStatusDays } from '../seed/status-days.ts';
import {
  type PostsStandIn,
  shownPost,
  startPostsStandIn,
  startStatus,
  STATUS_YAML,
  type StatusUnderTest,
} from './status-under-test.ts';

const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" width="160" height="40" viewBox="0 0 160 40"><script>document.title = 'taken'</script><rect width="40" height="40" rx="8" fill="#ffd166"/><path d="M10 28l10-16 10 16z" fill="#7a1f5c"/><text x="50" y="28" font-family="sans-serif" font-size="22" fill="#fff">Example</text></svg>`;
const LONG = 'Verylongwordwithoutanybreak'.repeat(6);

let clickhouse: TestClickHouse;
let alerting: PostsStandIn;
let status: StatusUnderTest;
let browser: Browser;
let pictures: string;
let folder: string;

beforeAll(async () => {
  pictures = process.env['TOCSIN_PICTURES'] ?? (await mkdtemp(join(tmpdir(), 'tocsin-pictures-')));
  folder = await mkdtemp(join(tmpdir(), 'tocsin-logo-'));
  await writeFile(join(folder, 'logo.svg'), LOGO);
  [clickhouse, alerting, browser] = await Promise.all([startTestClickHouse(), startPostsStandIn(), launchBrowser()]);
  await createTables(clickhouse.client());
  const nowMs = Date.now();
  await seedHour(clickhouse.client(), nowMs);
  await seedStatusDays(clickhouse.client(), nowMs);
  const hours = (count: number): string => new Date(nowMs + count * 3_600_000).toISOString();
  alerting.posts = [
    shownPost(),
    shownPost({
      id: '0b8f6a52-33d1-4c7c-9d6e-2f9c7c1a0002',
      kind: 'maintenance',
      impact: 'maintenance',
      title: 'The partner interface moves',
      monitors: ['partner'],
      status: 'scheduled',
      startsAt: hours(-0.5),
      endsAt: hours(1),
      updates: [{ at: hours(-20), status: 'scheduled', text: 'It is away for up to an hour.', actor: 'ana' }],
    }),
    shownPost({
      id: '0b8f6a52-33d1-4c7c-9d6e-2f9c7c1a0003',
      title: `<img src=x onerror=alert(1)> ${LONG}`,
      status: 'resolved',
      startsAt: hours(-480),
      endedAt: hours(-477),
      updates: [
        { at: hours(-480), status: 'investigating', text: `<script>alert(1)</script> ${LONG}`, actor: 'ana' },
        { at: hours(-477), status: 'resolved', text: 'The web shop is back.\n\nWe are sorry.', actor: 'ana' },
      ],
    }),
  ];
  const yaml = STATUS_YAML.replace('  color:', `  logo_file: ${join(folder, 'logo.svg')}\n  color:`);
  status = await startStatus(clickhouse.url, alerting.port, yaml);
});

afterAll(async () => {
  await browser?.close();
  await status?.stop();
  await alerting?.stop();
  await clickhouse?.stop();
  await rm(folder, { recursive: true });
  if (process.env['TOCSIN_PICTURES'] === undefined) await rm(pictures, { recursive: true });
});

/** Both themes, each on a desktop and on a phone, one of which is the smallest: what fits there fits a larger one. */
const LOOKS = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1280, height: 900 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1280, height: 900 } },
  { name: 'phone-dark', colorScheme: 'dark', viewport: { width: 390, height: 844 } },
  { name: 'small-phone', colorScheme: 'light', viewport: { width: 320, height: 568 } },
] as const;

/** Opens it as a reader whose browser runs no script of pages. */
async function open(url: string, look: (typeof LOOKS)[number]): Promise<{ page: Page; complaints: string[] }> {
  const { colorScheme, viewport } = look;
  const page = await browser.newPage({ colorScheme, viewport, javaScriptEnabled: false });
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('requestfailed', (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText ?? ''}`));
  await page.goto(url, { waitUntil: 'networkidle' });
  return { page, complaints };
}

async function picture(page: Page, name: string): Promise<void> {
  const path = join(pictures, `${name}.png`);
  await page.screenshot({ path, fullPage: true });
  expect((await readFile(path)).byteLength).toBeGreaterThan(5_000);
}

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Finding {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe finds, WCAG 2.2 A and AA with them. The page's own policy lets no script run, so axe looks at it without. */
async function inspect(url: string, look: (typeof LOOKS)[number]): Promise<{ findings: string[]; wide: boolean }> {
  const { colorScheme, viewport } = look;
  const context = await browser.newContext({ colorScheme, viewport, bypassCSP: true });
  const page = await context.newPage();
  await page.goto(url, { waitUntil: 'networkidle' });
  await page.evaluate(AXE);
  const found = (await page.evaluate('axe.run(document)')) as { violations: readonly Finding[] };
  const wide = (await page.evaluate(
    'document.documentElement.scrollWidth > document.documentElement.clientWidth',
  )) as boolean;
  await context.close();
  const findings = found.violations.map(
    ({ id, impact, nodes }) => `${impact} ${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`,
  );
  return { findings, wide };
}

describe.each(LOOKS)('in $name', (look) => {
  test('the page is read without JavaScript, and the browser does not complain', async () => {
    const { page, complaints } = await open(`${status.publicUrl}/`, look);
    expect(await page.title()).toBe('Web shop is down · Example Shop');
    for (const words of ['Web shop', 'Card payments', 'Work on the payment database', 'Questions: help@example.test'])
      expect(await page.getByText(words).first().isVisible()).toBe(true);
    expect(await page.getByRole('img', { name: /^Card payments, the last 90 days: / }).isVisible()).toBe(true);
    expect(await page.getByRole('img', { name: /^Response times of Card payments/ }).isVisible()).toBe(true);
    await picture(page, `status-${look.name}`);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('an incident has a page of its own', async () => {
    const { page, complaints } = await open(`${status.publicUrl}/`, look);
    await page.getByRole('link', { name: 'Card payments fail' }).click();
    await page.waitForURL('**/posts/*');
    expect(await page.getByText('We have switched to another.').isVisible()).toBe(true);
    await picture(page, `status-post-${look.name}`);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('axe finds nothing, and nothing is wider than the screen, on any page', async () => {
    const { publicUrl, consoleUrl } = status;
    const posts = alerting.posts?.map(({ id }) => `${publicUrl}/posts/${String(id)}`) ?? [];
    for (const url of [`${publicUrl}/`, ...posts, `${consoleUrl}/status`, `${consoleUrl}/status/write`])
      expect({ url, ...(await inspect(url, look)) }).toEqual({ url, findings: [], wide: false });
  });
});

test('an incident is written in the browser, and a form that is refused keeps what was typed', async () => {
  const page = await browser.newPage({ viewport: { width: 1000, height: 900 }, javaScriptEnabled: false });
  await page.goto(`${status.consoleUrl}/status`);
  await page.getByRole('link', { name: 'Write an incident or maintenance' }).click();
  const form = page.locator('form', { hasText: 'Publish the incident' });
  await form.getByLabel('Title').fill('Search is slow');
  await form.getByLabel('Text').fill('We look into it.');
  await form.getByLabel('New search').check();
  await form.getByLabel('What is affected is').selectOption('degraded');
  alerting.refusal = 'expected at most 100 posts that are not over';
  await form.getByRole('button').click();
  expect(await page.getByRole('alert').innerText()).toContain('expected at most 100 posts');
  expect(await form.getByLabel('Title').inputValue()).toBe('Search is slow');
  expect(await form.getByLabel('New search').isChecked()).toBe(true);
  await picture(page, 'status-write');
  alerting.refusal = undefined;
  alerting.written.length = 0;
  await form.getByRole('button').click();
  await page.waitForURL('**/status/write');
  expect(await page.getByRole('alert').count()).toBe(0);
  expect(alerting.written).toEqual([
    {
      request: 'POST /api/v1/status-posts',
      actor: 'console',
      body: {
        kind: 'incident',
        title: 'Search is slow',
        text: 'We look into it.',
        monitors: ['new'],
        impact: 'degraded',
        status: 'investigating',
      },
    },
  ]);
  await page.close();
});

test('a badge is a picture on a page of another site', async () => {
  const page = await browser.newPage();
  await page.setContent(
    ['/badge.svg', '/badges/web-shop/state.svg', '/badges/card-payments/uptime.svg', '/badges/new-search/state.svg']
      .map((path) => `<p><img src="${status.publicUrl}${path}"></p>`)
      .join(''),
    { waitUntil: 'networkidle' },
  );
  const widths = (await page.evaluate('[...document.images].map((image) => image.naturalWidth)')) as number[];
  expect(widths.every((width) => width > 60)).toBe(true);
  await page.screenshot({ path: join(pictures, 'status-badges.png'), clip: { x: 0, y: 0, width: 420, height: 160 } });
  await page.close();
});

test('a page on which nothing is chosen says what to do', async () => {
  const empty = await startStatus('http://127.0.0.1:9', 9, '');
  expect(empty.listening['status_page.listen']).toBeUndefined();
  const page = await browser.newPage();
  await page.goto(`${empty.consoleUrl}/status`);
  expect(await page.getByText('status_page').first().isVisible()).toBe(true);
  await picture(page, 'status-empty');
  await page.close();
  await empty.stop();
});
