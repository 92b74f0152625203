import { hashPassword } from '@tocsin/service/password';
import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import { request } from 'undici';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
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

let clickhouse: TestClickHouse;
let alerting: PostsStandIn;
let page: StatusUnderTest;

beforeAll(async () => {
  [clickhouse, alerting] = await Promise.all([startTestClickHouse(), startPostsStandIn()]);
  await createTables(clickhouse.client());
  const nowMs = Date.now();
  await seedHour(clickhouse.client(), nowMs);
  await seedStatusDays(clickhouse.client(), nowMs);
});
beforeEach(async () => {
  alerting.posts = [shownPost()];
  alerting.written.length = 0;
  alerting.refusal = undefined;
  page = await startStatus(clickhouse.url, alerting.port, STATUS_YAML);
});
afterEach(() => page.stop());
afterAll(async () => {
  await alerting.stop();
  await clickhouse.stop();
});

interface Shown {
  readonly state: string;
  readonly stale: boolean;
  readonly monitors: readonly {
    readonly id: string;
    readonly name: string;
    readonly group: string | null;
    readonly state: string;
    readonly uptime_90d: number | null;
    readonly days: readonly { readonly date: string; readonly state: string }[];
  }[];
  readonly open: readonly { readonly title: string }[];
  readonly upcoming: readonly { readonly title: string; readonly monitors: readonly string[] }[];
}
const json = async (url: string): Promise<Shown> => (await (await fetch(`${url}/status.json`)).json()) as Shown;
const PASSWORD = 'correct horse battery';

/** Signs somebody in. @returns the cookie */
async function signIn(consoleUrl: string, name: string): Promise<string> {
  const response = await fetch(`${consoleUrl}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-tocsin-console': '1' },
    body: JSON.stringify({ name, password: PASSWORD }),
  });
  return (response.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
}

const text = async (url: string): Promise<string> => (await fetch(url)).text();

describe('the status page', () => {
  test('shows what was chosen by its public names, with states, days and uptime', async () => {
    const { monitors, state, stale } = await json(page.publicUrl);
    expect(stale).toBe(false);
    expect(state).toBe('down');
    expect(monitors.map(({ id, name, group, state: own }) => [id, name, group, own])).toEqual([
      ['web-shop', 'Web shop', 'Shop', 'down'],
      // An incident says so.
      ['card-payments', 'Card payments', 'Shop', 'degraded'],
      ['partner-interface', 'Partner interface', 'Partners', 'up'],
      ['new-search', 'New search', 'Partners', 'unknown'],
    ]);
    const [shop, pay, , fresh] = monitors;
    expect(shop?.days).toHaveLength(90);
    expect(shop?.days.at(-1)?.date).toBe(new Date().toISOString().slice(0, 10));
    expect(shop?.days.filter(({ state: day }) => day === 'down').length).toBeGreaterThanOrEqual(1);
    expect(pay?.days.slice(0, 29).every(({ state: day }) => day === 'unknown')).toBe(true);
    expect(shop?.uptime_90d).toBeGreaterThan(0.99);
    expect(shop?.uptime_90d).toBeLessThan(1);
    expect(fresh?.uptime_90d).toBeNull();
  });

  test('is a page without a script, with bars and charts drawn by us, also on the console', async () => {
    for (const url of [`${page.publicUrl}/`, `${page.consoleUrl}/status`]) {
      const response = await fetch(url);
      const body = await response.text();
      expect(response.status).toBe(200);
      expect(body).not.toMatch(/<script|\son\w+=|javascript:/);
      expect(response.headers.get('content-security-policy')).toMatch(
        /^default-src 'none'; style-src 'sha256-[^']+'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
      );
      for (const words of ['Web shop is down', 'Web shop', 'Card payments fail', 'Work on the payment database'])
        expect(body).toContain(words);
      expect(body.match(/class="bars"/g)).toHaveLength(4);
      // The fourth has no response times.
      expect(body.match(/class="chart"/g)).toHaveLength(3);
    }
    expect(await text(page.publicUrl)).not.toContain('/write');
    expect(await text(`${page.consoleUrl}/status`)).toContain('href="/status/write"');
  });

  test('announces chosen maintenance windows only, for chosen monitors only', async () => {
    const { upcoming } = await json(page.publicUrl);
    expect(upcoming.map(({ title, monitors }) => [title, monitors])).toEqual([
      ['Work on the payment database', ['card-payments']],
    ]);
  });

  test('is asked by its own names only, while it is on loopback', async () => {
    const ask = async (host: string): Promise<number> =>
      (await request(`${page.publicUrl}/`, { headers: { host } })).statusCode;
    expect(await ask('status.example.test')).toBe(200);
    expect(await ask('STATUS.example.test:8080')).toBe(200);
    expect(await ask('127.0.0.1')).toBe(200);
    expect(await ask('evil.test')).toBe(421);
  });

  test('what is written on the console goes to alerting, and pages of other sites write nothing', async () => {
    const url = `${page.consoleUrl}/status/write`;
    const form = {
      kind: 'maintenance',
      title: 'We move',
      text: 'Soon.',
      starts: '2026-12-01T22:00',
      ends: '2026-12-01T23:00',
    };
    const send = (body: Record<string, string>, headers: Record<string, string> = {}, path = '') =>
      fetch(`${url}${path}`, { method: 'POST', body: new URLSearchParams(body), headers, redirect: 'manual' });
    expect((await send(form, { origin: 'https://evil.test' })).status).toBe(403);
    expect((await send(form, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await send({ ...form, ends: 'tomorrow' })).status).toBe(422);
    expect((await send({ ...form, title: ' ' })).status).toBe(422);
    expect(alerting.written).toEqual([]);
    const sent = await send(form, { origin: page.consoleUrl });
    expect([sent.status, sent.headers.get('location')]).toEqual([303, '/status/write']);
    await send({ status: 'resolved', text: 'Good.' }, {}, '/some-id');
    await send({}, {}, '/some-id/delete');
    expect(alerting.written).toMatchObject([
      {
        request: 'POST /api/v1/status-posts',
        body: {
          kind: 'maintenance',
          title: 'We move',
          text: 'Soon.',
          monitors: [],
          // Of Berlin.
          startsAt: '2026-12-01T21:00:00Z',
          endsAt: '2026-12-01T22:00:00Z',
        },
      },
      { request: 'POST /api/v1/status-posts/some-id/updates', body: { status: 'resolved', text: 'Good.' } },
      { request: 'DELETE /api/v1/status-posts/some-id', body: undefined },
    ]);
    expect((await fetch(`${page.publicUrl}/write`)).status).toBe(404);
    expect((await fetch(`${page.publicUrl}/write`, { method: 'POST', body: new URLSearchParams(form) })).status).toBe(
      405,
    );
  });

  test('a console with users takes it from an editor only, in their name', async () => {
    const hash = await hashPassword(PASSWORD);
    const users = ['viewer', 'editor'].map((role) => `{ name: ${role}, role: ${role}, password_hash: '${hash}' }`);
    const open = await startStatus(
      clickhouse.url,
      alerting.port,
      STATUS_YAML,
      `{ http: 0, users: [${users.join(', ')}] }`,
    );
    onTestFinished(() => open.stop());
    const url = `${open.consoleUrl}/status`;
    expect(await text(url)).toContain('Web shop');
    const write = async (name?: string): Promise<readonly number[]> => {
      const cookie = name === undefined ? '' : await signIn(open.consoleUrl, name);
      const form = new URLSearchParams({ kind: 'incident', title: 'a', text: 'b' });
      const written = await fetch(`${url}/write`, {
        method: 'POST',
        body: form,
        headers: { cookie },
        redirect: 'manual',
      });
      return [(await fetch(`${url}/write`, { headers: { cookie } })).status, written.status];
    };
    expect(await write()).toEqual([401, 401]);
    expect(await write('viewer')).toEqual([403, 403]);
    expect(alerting.written).toEqual([]);
    expect(await write('editor')).toEqual([200, 303]);
    expect(alerting.written).toMatchObject([{ request: 'POST /api/v1/status-posts', actor: 'editor' }]);
  });

  test('what was just written is there for the next reader', async () => {
    expect(await text(page.publicUrl)).not.toContain('Search is slow');
    alerting.posts = [shownPost(), shownPost({ id: 'b', title: 'Search is slow' })];
    const form = new URLSearchParams({ kind: 'incident', title: 'Search is slow', text: 'We look.' });
    await fetch(`${page.consoleUrl}/status/write`, { method: 'POST', body: form });
    expect(await text(page.publicUrl)).toContain('Search is slow');
  });
});
