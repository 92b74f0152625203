import { describe, expect, test } from 'vitest';
import { answerStatus, readPath } from '../../src/status/answer.ts';
import { BADGE_COLORS, renderStateBadge, renderUptimeBadge } from '../../src/status/badge.ts';
import { listDocuments } from '../../src/status/documents.ts';
import { niceCeiling } from '../../src/status/pages/charts.ts';
import type { Site } from '../../src/status/pages/layout.ts';
import { lookOf, luminanceOf, readableOn } from '../../src/status/pages/style.ts';
import { createClock } from '../../src/status/pages/words.ts';
import { viewStatus } from '../../src/status/view.ts';
import { EVENING_MS } from '../fixtures.ts';
import { factsOf, post, verdictRow } from './status-facts.ts';
import { STATUS_YAML } from './status-under-test.ts';

const HOSTILE = `</title><script>alert(1)</script>"'\`]]>&amp;`;

async function documentsOf(changes: Parameters<typeof factsOf>[0] = {}, base = '', yaml = STATUS_YAML) {
  const facts = await factsOf({ rows: [verdictRow('shop', 'up')], ...changes }, yaml);
  const { statusPage: page } = facts.config;
  const clock = createClock(page.timeZone);
  const site: Site = { base, page, look: lookOf(page.color), clock, hasLogo: false, isPublic: true, mayWrite: false };
  return listDocuments(viewStatus(facts, EVENING_MS), site, undefined);
}
const bodyOf = async (documents: Awaited<ReturnType<typeof documentsOf>>, path: string): Promise<string> =>
  String(await documents.get(path)?.().body('identity'));

describe('documents', () => {
  test('are as many as monitors and posts make them, and the same ones for the same data', async () => {
    const documents = await documentsOf({ posts: [post()] });
    expect([...documents.keys()]).toEqual([
      '/',
      '/status.json',
      '/feed.atom',
      '/badge.svg',
      ...['web-shop', 'card-payments', 'partner-interface', 'new-search'].flatMap((slug) => [
        `/badges/${slug}/state.svg`,
        `/badges/${slug}/uptime.svg`,
      ]),
      ...[...documents.keys()].filter((path) => path.startsWith('/posts/')),
      '/icon.svg',
    ]);
    const again = await documentsOf({ posts: [post()] });
    for (const [path, document] of documents) expect(again.get(path)?.().etag).toBe(document().etag);
    expect(documents.get('/')?.()).toBe(documents.get('/')?.());
  });

  test('hold what people and settings say as text, wherever it stands', async () => {
    const updates = [{ atMs: EVENING_MS, status: 'investigating', text: HOSTILE } as const];
    const yaml = STATUS_YAML.replaceAll('Web shop', 'Web <b>shop').replace('Example Shop', 'A <i>shop');
    const documents = await documentsOf({ posts: [post({ title: HOSTILE, updates })] }, '', yaml);
    for (const path of [...documents.keys()].filter((path) => path !== '/status.json'))
      expect((await bodyOf(documents, path)).match(/<script|<b>|<i>/)).toBeNull();
    expect(JSON.parse(await bodyOf(documents, '/status.json'))).toMatchObject({ open: [{ title: HOSTILE }] });
  });

  test('lead to each other below their base', async () => {
    const page = await bodyOf(await documentsOf({ posts: [post()] }, '/status'), '/');
    const links = [...page.matchAll(/(?:href|src|action)="([^"]*)"/g)].map(([, link]) => link);
    expect(links.length).toBeGreaterThan(4);
    expect(links.filter((link) => !link?.startsWith('/status/'))).toEqual([]);
  });

  test('have nothing of who wrote a post', async () => {
    const documents = await documentsOf({ posts: [{ ...post(), createdBy: 'ana-token' } as ReturnType<typeof post>] });
    for (const path of documents.keys()) expect(await bodyOf(documents, path)).not.toContain('ana-token');
  });
});

describe('the feed', () => {
  test('has what changed last first, with ids that stay and links that can be followed', async () => {
    const yaml = `${STATUS_YAML}  url: https://status.example/\n`;
    const older = post({ id: '0b8f6a52-33d1-4c7c-9d6e-2f9c7c1a0002', title: 'Older', updatedAtMs: EVENING_MS - 9e6 });
    const feed = await bodyOf(await documentsOf({ posts: [older, post()] }, '', yaml), '/feed.atom');
    expect(feed).toMatch(/^<\?xml version="1\.0" encoding="utf-8"\?>\n<feed xmlns="http:\/\/www\.w3\.org\/2005\/Atom"/);
    expect(feed).toContain('<id>https://status.example/</id>');
    const ids = [...feed.matchAll(/<id>(urn:[^<]*)<\/id>/g)].map(([, id]) => id);
    expect(ids.slice(0, 2)).toEqual([
      'urn:uuid:0b8f6a52-33d1-4c7c-9d6e-2f9c7c1a0001',
      'urn:uuid:0b8f6a52-33d1-4c7c-9d6e-2f9c7c1a0002',
    ]);
    expect(feed).toContain('href="https://status.example/posts/0b8f6a52-33d1-4c7c-9d6e-2f9c7c1a0001"');
    expect(feed).toContain('<updated>2026-11-22T18:00:00.000Z</updated>');
    expect(feed).toContain('&lt;p&gt;&lt;strong&gt;Investigating&lt;/strong&gt;');
  });
});

describe('an answer', () => {
  const ask = async (url: string, base = '') => {
    const request = { method: 'GET', url, acceptEncoding: undefined, ifNoneMatch: undefined };
    return (await answerStatus(request, await documentsOf(), base)).status;
  };

  test.each([
    ['/?utm_source=mail', '', 200],
    ['/status.json', '', 200],
    ['/STATUS.json', '', 404],
    ['/st%61tus.json', '', 200],
    ['/%zz', '', 404],
    ['*', '', 404],
    ['http://other.test/', '', 404],
    ['/shop/status.json', '/shop', 200],
    ['/shop', '/shop', 200],
    ['/status.json', '/shop', 200],
    ['/shopping/status.json', '/shop', 404],
  ])('to %s below "%s" is %d', async (url, base, status) => {
    expect(await ask(url, base)).toBe(status);
  });

  test('knows names in any script', () => {
    expect(readPath('/badges/%E6%B1%BA%E6%B8%88/state.svg', '')).toBe('/badges/決済/state.svg');
  });
});

/** Contrast of two colours. Source: WCAG 2.2, contrast ratio. */
function contrast(one: string, other: string): number {
  const long = (color: string): string => (color.length === 4 ? color.replace(/[0-9a-f]/gi, '$&$&') : color);
  const [low = 0, high = 0] = [luminanceOf(long(one)), luminanceOf(long(other))].toSorted((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

describe('colours', () => {
  test('what stands on a colour of one’s own can be read on every one', () => {
    for (let red = 0; red < 256; red += 15)
      for (let green = 0; green < 256; green += 15)
        for (let blue = 0; blue < 256; blue += 15) {
          const color = `#${[red, green, blue].map((part) => part.toString(16).padStart(2, '0')).join('')}`;
          expect(contrast(color, readableOn(color))).toBeGreaterThanOrEqual(4.5);
        }
  });

  test('badges can be read', () => {
    for (const color of Object.values(BADGE_COLORS)) expect(contrast(color, '#ffffff')).toBeGreaterThanOrEqual(4.5);
  });

  test('text can be read on what it stands on, in both themes', () => {
    const [light = '', dark = ''] = lookOf().style.split('@media');
    for (const theme of [light, dark]) {
      const colors = new Map(
        [...theme.matchAll(/--([a-z-]+): (#[0-9a-f]{3,6});/g)].map(([, name, color]) => [name, color]),
      );
      const of = (name: string): string => colors.get(name) ?? '';
      const pairs = [
        ...['ink', 'soft', 'link'].flatMap((text) => ['ground', 'card'].map((ground) => [text, ground] as const)),
        ...['up', 'degraded', 'down', 'maintenance', 'unknown'].map((state) => [state, `wash-${state}`] as const),
        ['card', 'link'] as const,
      ];
      for (const [text, ground] of pairs)
        expect({ text, ground, ok: contrast(of(text), of(ground)) >= 4.5 }).toEqual({ text, ground, ok: true });
      // Bars are no text: 3 to 1 (WCAG 2.2, 1.4.11); what is not known may be faint.
      for (const state of ['up', 'degraded', 'down', 'maintenance'])
        expect({ state, ok: contrast(of(`mark-${state}`), of('card')) >= 3 }).toEqual({ state, ok: true });
    }
  });
});

test('badges say it in words too', () => {
  expect(renderStateBadge('Web shop', 'down')).toContain('aria-label="Web shop: down"');
  expect(renderUptimeBadge('Web shop', 0.99951)).toContain('<title>Web shop uptime 90 d: 99.95 %</title>');
  expect(renderUptimeBadge('Web shop', undefined)).toContain('not known');
  expect(renderStateBadge('x'.repeat(500), 'up').length).toBeLessThan(2_000);
});

test.each([
  [0.7, 1],
  [1.2, 2],
  [180, 200],
  [201, 500],
  [999, 1_000],
])('a scale for %d ends at %d', (value, top) => {
  expect(niceCeiling(value)).toBe(top);
});
