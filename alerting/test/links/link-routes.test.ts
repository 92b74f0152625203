import type { TocsinConfig } from '@tocsin/service/config';
import type { HttpServer } from '@tocsin/service/http';
import { silentLogger } from '@tocsin/service/log';
import { request } from 'undici';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { describeNotification } from '../../src/channels/content.ts';
import { createApi } from '../../src/api/api.ts';
import { createLinkStore, type LinkStore, type LinkSubject } from '../../src/links/link-store.ts';
import { createMessageLinks, LINK_LIFETIME_MS } from '../../src/links/message-links.ts';
import { silenceByLink } from '../../src/links/silence-by-link.ts';
import { sampleAlert, sampleNotification, SINCE_MS } from '../channels/sample.ts';
import { readConfig, Scenario } from '../notify/scenario.ts';

const HOSTILE = '<script>alert(1)</script>';
let scenario: Scenario;
let server: HttpServer;
let url: string;
let acknowledged: { subject: LinkSubject; actor: string }[] = [];
let logged: object[] = [];
const saved = () => scenario.notifier.silences.list();

beforeEach(async () => {
  acknowledged = [];
  logged = [];
  scenario = await Scenario.begin('  http: 127.0.0.1:0');
  scenario.nowMs = SINCE_MS + 60_000;
  const config: TocsinConfig = await readConfig('alerting:\n  http: 127.0.0.1:0\n  url: https://alerts.example');
  server = createApi({
    config: () => config,
    database: scenario.database,
    notifier: scenario.notifier,
    rules: { status: () => [] },
    sloStatus: () => Promise.resolve([]),
    readiness: () => ({ ready: true, reasons: [] }),
    reload: () => Promise.resolve({ status: 'ok' }),
    log: { ...silentLogger(), error: (entry: object) => void logged.push(entry) },
    version: '1',
    now: () => scenario.nowMs,
    linkActions: {
      acknowledge: (subject, actor) => {
        acknowledged.push({ subject, actor });
        return { status: 'done' as const, sentence: `Acknowledged by ${actor}.` };
      },
      silence: (...asked) => silenceByLink(scenario.notifier.silences)(...asked),
    },
  });
  url = await server.listen();
});
afterEach(async () => {
  await server.stop();
  await scenario.end();
});

const NOTHING = { status: 'done', sentence: '' } as const;
const linksBy = (store: LinkStore) =>
  createMessageLinks(store, url, { acknowledge: () => NOTHING, silence: () => NOTHING });
const linksOf = (labels: Record<string, string> = {}) => {
  const { acknowledge = '', silence = '' } = linksBy(scenario.notifier.links)(
    sampleNotification({ firing: [sampleAlert(labels)] }),
  );
  return { acknowledge, silence };
};
const post = (link: string, form: Record<string, string> = {}, headers: Record<string, string> = {}) =>
  fetch(link, { method: 'POST', body: new URLSearchParams(form), headers });

describe('opening a link', () => {
  test('asks and does nothing, however often and by whomever', async () => {
    const { acknowledge, silence } = linksOf();
    for (const link of [acknowledge, silence, acknowledge]) {
      const response = await fetch(link);
      expect(response.status).toBe(200);
      expect(await response.text()).toContain('<form method="post">');
      expect((await fetch(link, { method: 'HEAD' })).status).toBeLessThan(500);
    }
    expect([acknowledged, saved()]).toEqual([[], []]);
  });

  test('comes from the page of a mail program', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    // fetch writes headers of its own in their place.
    const { statusCode, body } = await request(linksOf().acknowledge, { headers });
    await body.dump();
    expect(statusCode).toBe(200);
  });

  test('shows a page that keeps the link to itself and runs nothing', async () => {
    const response = await fetch(linksOf({ alertname: HOSTILE, x: HOSTILE }).silence);
    const text = await response.text();
    expect(text).not.toContain('<script');
    expect(text).toContain('&lt;script&gt;');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('cache-control')).toBe('no-store');
  });
});

describe('the button', () => {
  test('acknowledges in the name that is given', async () => {
    const response = await post(linksOf().acknowledge, { name: ' Ann ' });
    expect(await response.text()).toContain('Acknowledged by Ann.');
    expect(acknowledged).toEqual([
      {
        actor: 'Ann',
        subject: {
          receiver: 'team',
          groupKey: '{}:{alertname="HighErrorRate"}',
          labels: { alertname: 'HighErrorRate', service: 'shop', severity: 'page' },
          title: '[FIRING:1] HighErrorRate (shop)',
        },
      },
    ]);
  });

  test('silences what the message was about, for as long as is chosen', async () => {
    const response = await post(linksOf().silence, { duration: '4h', name: 'Ann' });
    expect(await response.text()).toContain(`Silenced for 4h, by Ann: ${saved()[0]?.id}`);
    expect(saved()).toMatchObject([
      { createdBy: 'Ann', startsAtMs: scenario.nowMs, endsAtMs: scenario.nowMs + 14_400_000 },
    ]);
    expect(saved()[0]?.matchers).toContainEqual({ name: 'service', op: '=', value: 'shop' });
  });

  test('silences for an hour where what is asked is none of the choices', async () => {
    await post(linksOf().silence, { duration: '10y' });
    expect(saved()).toMatchObject([{ endsAtMs: scenario.nowMs + 3_600_000, createdBy: 'a link sent to team' }]);
  });

  test('pressed again makes no second silence; one that is to last longer does', async () => {
    const { silence } = linksOf();
    await post(silence, { duration: '4h', name: 'Ann' });
    const [first] = saved();
    scenario.nowMs += 1_000;
    const again = await post(silence, { duration: '1h', name: 'Ben' });
    expect(await again.text()).toMatch(/Silenced until 2026-11-20 14:04 UTC already, by Ann/);
    await post(silence, { duration: '24h', name: 'Ben' });
    expect(saved()).toEqual([
      { ...first, createdBy: 'Ben', endsAtMs: scenario.nowMs + 86_400_000, updatedAtMs: scenario.nowMs },
    ]);
  });

  test('says why a silence cannot be made', async () => {
    const response = await post(linksOf({ path: 'x'.repeat(5_000) }).silence);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('Not silenced: expected matchers of at most 4096 characters');
    expect(saved()).toEqual([]);
  });

  test('takes a name of one line, and a form only', async () => {
    const { acknowledge } = linksOf();
    await post(acknowledge, { name: 'Ann\r\nBcc: x\u0000' });
    expect(acknowledged).toMatchObject([{ actor: 'Ann Bcc: x' }]);
    const json = { method: 'POST', body: '{"name":{}}', headers: { 'content-type': 'application/json' } };
    const response = await fetch(acknowledge, json);
    expect([response.status, response.headers.get('content-type')]).toEqual([415, 'text/html; charset=utf-8']);
    expect(await response.text()).toContain('The form cannot be read.');
    expect(logged).toEqual([]);
  });

  test('stands in the audit log, in the name that was given', async () => {
    await post(linksOf().silence, { name: 'Ann' });
    await post(linksOf().acknowledge);
    const rows = scenario.database.prepare('SELECT actor, role, action, outcome FROM audit_log ORDER BY id').all();
    expect(rows.map((row) => Object.values(row).join(' '))).toEqual([
      'Ann link silence.save ok',
      'a link sent to team link incident.acknowledge ok',
    ]);
  });

  test('that fails is said without the link in the log, for the link is the permission', async () => {
    const { silence } = linksOf();
    scenario.database.prepare('DROP TABLE silences').run();
    const response = await post(silence);
    expect(response.status).toBe(500);
    expect(await response.text()).toContain('An error of ours');
    expect(logged).toHaveLength(1);
    expect(JSON.stringify(logged)).not.toContain(silence.split('/').at(-1));
  });

  test('of another site is refused', async () => {
    const response = await post(linksOf().acknowledge, {}, { origin: 'https://evil.example' });
    expect(response.status).toBe(403);
    expect(acknowledged).toEqual([]);
  });
});

describe('a link that does not hold', () => {
  test.each([
    ['expired', 410, () => (scenario.nowMs += LINK_LIFETIME_MS)],
    ['made with another key', 403, () => undefined],
    ['of a message that is forgotten', 410, () => scenario.database.prepare('DELETE FROM message_links').run()],
  ])('is refused where it is %s', async (name, status, act) => {
    const store = scenario.notifier.links;
    const forged = linksBy({ ...store, key: Buffer.alloc(32, 1) });
    const { acknowledge = '' } = name.startsWith('made') ? forged(sampleNotification()) : linksOf();
    act();
    expect((await fetch(acknowledge)).status).toBe(status);
    expect((await post(acknowledge)).status).toBe(status);
    expect(acknowledged).toEqual([]);
  });

  test('is not found where it is none', async () => {
    expect((await fetch(`${url}/links/x`)).status).toBe(404);
  });
});

test('a message has no link behind which nothing stands', () => {
  const { links } = scenario.notifier;
  const notification = sampleNotification();
  expect(createMessageLinks(links, url, {})(notification)).toEqual({});
  const silenceOnly = createMessageLinks(links, url, { silence: () => NOTHING })(notification);
  expect(silenceOnly.acknowledge).toBeUndefined();
  expect(describeNotification(notification, { consoleUrl: url, links: () => silenceOnly }, 1).actions).toEqual([
    { name: 'Silence', value: silenceOnly.silence },
  ]);
});

test('the key is made once and outlives a restart', () => {
  const first = createLinkStore(scenario.database).key;
  expect(first).toHaveLength(32);
  expect(Buffer.from(createLinkStore(scenario.database).key).equals(Buffer.from(first))).toBe(true);
});

test('a silence for alerts without a label in common is not made', () => {
  const act = silenceByLink(scenario.notifier.silences);
  const subject = { receiver: 'team', groupKey: '{}', labels: {}, title: 'x' };
  expect(act(subject, 1_000, 'Ann', 0)).toMatchObject({
    status: 'refused',
    sentence: expect.stringContaining('no label in common'),
  });
});
