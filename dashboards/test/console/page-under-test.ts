import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';

/** How a page is looked at. */
export interface Look {
  readonly name: string;
  readonly colorScheme: 'light' | 'dark';
  readonly viewport: { readonly width: number; readonly height: number };
}

/** Both themes on a desktop, and the smallest phone (WCAG 2.2, 1.4.10 Reflow): what fits there fits a larger one. */
export const LOOKS: readonly Look[] = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1280, height: 900 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1280, height: 900 } },
  { name: 'small-phone', colorScheme: 'light', viewport: { width: 320, height: 568 } },
];

/** For what frames every page: the usual phone as well, in both themes. */
export const EVERY_LOOK: readonly Look[] = [
  ...LOOKS,
  { name: 'phone-light', colorScheme: 'light', viewport: { width: 390, height: 844 } },
  { name: 'phone-dark', colorScheme: 'dark', viewport: { width: 390, height: 844 } },
];

/** A page of the console in a browser. */
export interface Opened {
  readonly page: Page;
  /** What the browser complained of: errors of scripts, what the policy forbade, what did not load. */
  readonly complaints: string[];
}

/** Opens a page of the console and waits for what it shows: its first heading. */
export async function openPage(browser: Browser, url: string, look: Look = LOOKS[0] as Look): Promise<Opened> {
  // A browser without a locale of its own calls it `en-US@posix`, which is no language tag and which uPlot asks Intl for.
  const locale = 'en-GB';
  const page = await browser.newPage({ colorScheme: look.colorScheme, viewport: look.viewport, locale });
  const complaints: string[] = [];
  page.on('console', (message) => {
    // That a source did not answer in time is the page's to say, and on a busy machine happens.
    if (!message.text().includes('status of 503')) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('requestfailed', (request) => {
    // A page that is left or asks anew gives up what it asked for.
    const why = request.failure()?.errorText ?? '';
    if (why !== 'net::ERR_ABORTED') complaints.push(`${request.url()}: ${why}`);
  });
  await page.goto(url);
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  return { page, complaints };
}

/** A page that is wider than its window is none for a phone. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const widest = `(() => {
    const limit = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= limit) return '';
    return [...document.querySelectorAll('main *, header *')]
      .filter((one) => one.getBoundingClientRect().right > limit + 1)
      .slice(0, 5).map((one) => one.outerHTML.slice(0, 120)).join(' | ') || 'something';
  })()`;
  // While something still arrives the page may be wider for a moment.
  await expect.poll(() => page.evaluate(widest), { timeout: 5_000 }).toBe('');
}

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe finds serious or critical (rules of WCAG 2.2, A and AA), each with the first place. */
export async function seriousIssues(page: Page): Promise<string[]> {
  // As a script of the test's own, which the page's policy would not let run.
  const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
  await page.evaluate(await readFile(axe, 'utf8'));
  const tags = JSON.stringify(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']);
  const { violations } = (await page.evaluate(`axe.run({ runOnly: ${tags} })`)) as {
    readonly violations: readonly Violation[];
  };
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes[0]?.html.slice(0, 200)}: ${nodes[0]?.failureSummary}`);
}

/** Where pictures go: `TOCSIN_PICTURES`, or a folder that `remove` takes away. */
export interface Pictures {
  take(page: Page, name: string): Promise<void>;
  remove(): Promise<void>;
}

/** Makes the folder of pictures. */
export async function makePictures(): Promise<Pictures> {
  const given = process.env['TOCSIN_PICTURES'];
  const folder = given ?? (await mkdtemp(join(tmpdir(), 'tocsin-pictures-')));
  return {
    take: async (page, name) => {
      const path = join(folder, `${name}.png`);
      await page.screenshot({ path, fullPage: true });
      expect((await readFile(path)).byteLength).toBeGreaterThan(5_000);
    },
    remove: async () => {
      if (given === undefined) await rm(folder, { recursive: true });
    },
  };
}
