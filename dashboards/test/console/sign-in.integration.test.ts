import { hashPassword } from '@tocsin/service/password';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  type AlertingStandIn,
  type ConsoleUnderTest,
  startAlertingStandIn,
  startConsole,
} from './console-under-test.ts';
import { EventSourceUnderTest } from './event-source.ts';

const PASSWORD = 'correct horse';
const NOWHERE = 'http://127.0.0.1:9';
let alerting: AlertingStandIn;
let users: string;
let dataDir: string;
let consoles: ConsoleUnderTest[] = [];

beforeAll(async () => {
  alerting = await startAlertingStandIn();
  dataDir = await mkdtemp(join(tmpdir(), 'tocsin-sign-in-'));
  const hash = await hashPassword(PASSWORD);
  const list = ['viewer', 'editor', 'admin'].map(
    (role) => `{ name: ${role}, role: ${role}, password_hash: '${hash}' }`,
  );
  users = `users: [${list.join(', ')}]`;
});

afterEach(async () => {
  await Promise.all(consoles.map((console) => console.stop()));
  consoles = [];
});

afterAll(async () => {
  await alerting.stop();
  await rm(dataDir, { recursive: true });
});

async function start(consoleYaml = users): Promise<string> {
  const console = await startConsole(NOWHERE, alerting.port, '', { dataDir, consoleYaml });
  consoles.push(console);
  return console.url;
}

const CHANGE = { 'content-type': 'application/json', 'x-tocsin-console': '1' };

async function signIn(url: string, name: string, password = PASSWORD): Promise<Response> {
  return fetch(`${url}/api/v1/session`, { method: 'POST', headers: CHANGE, body: JSON.stringify({ name, password }) });
}

/** The cookie of somebody who has signed in. */
async function cookieOf(url: string, name: string): Promise<string> {
  const response = await signIn(url, name);
  expect(response.status).toBe(200);
  return response.headers.get('set-cookie')?.split(';')[0] ?? '';
}

test('where there are users nobody sees data without signing in, and the application itself is no secret', async () => {
  const url = await start();
  for (const path of [
    '/api/v1/overview',
    '/api/v1/home?from=1&to=2',
    `/api/v1/traces/${'a'.repeat(32)}`,
    '/api/v1/events',
  ])
    expect((await fetch(`${url}${path}`)).status, path).toBe(401);
  expect((await fetch(url)).status).toBe(200);
  expect(await (await fetch(`${url}/api/v1/session`)).json()).toEqual({ isRequired: true });
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

test('who signs in sees data until he signs out, and the old cookie is worth nothing then', async () => {
  const url = await start();
  const cookie = await cookieOf(url, 'viewer');
  const overview = await fetch(`${url}/api/v1/overview`, { headers: { cookie } });
  expect(overview.status).toBe(200);
  expect(await (await fetch(`${url}/api/v1/session`, { headers: { cookie } })).json()).toEqual({
    user: { name: 'viewer', role: 'viewer' },
    isRequired: true,
  });
  const out = await fetch(`${url}/api/v1/session`, { method: 'DELETE', headers: { ...CHANGE, cookie }, body: '{}' });
  expect(out.headers.get('set-cookie')).toContain('Max-Age=0');
  expect((await fetch(`${url}/api/v1/overview`, { headers: { cookie } })).status).toBe(401);
});

test('a session outlives a restart, and the key of it is for its owner only', async () => {
  const cookie = await cookieOf(await start(), 'viewer');
  const again = await start();
  expect((await fetch(`${again}/api/v1/overview`, { headers: { cookie } })).status).toBe(200);
  expect((await stat(join(dataDir, 'dashboards/session.key'))).mode & 0o777).toBe(0o600);
});

test('another password, and a user who is gone, end the session', async () => {
  const cookie = await cookieOf(await start(), 'viewer');
  const changed = `users: [{ name: viewer, role: viewer, password_hash: '${await hashPassword('another one')}' }]`;
  const gone = `users: [{ name: other, role: viewer, password_hash: '${await hashPassword(PASSWORD)}' }]`;
  for (const yaml of [changed, gone])
    expect((await fetch(`${await start(yaml)}/api/v1/overview`, { headers: { cookie } })).status).toBe(401);
});

test('a wrong name and a wrong password are refused in the same words, and after ten the next is not looked at', async () => {
  const url = await start();
  const answers = [await signIn(url, 'viewer', 'wrong'), await signIn(url, 'nobody')];
  expect(answers.map(({ status }) => status)).toEqual([401, 401]);
  const [one, other] = await Promise.all(answers.map((answer) => answer.json()));
  expect(one).toEqual(other);
  for (let count = 0; count < 9; count++) await signIn(url, 'viewer', 'wrong');
  const late = await signIn(url, 'viewer');
  expect(late.status).toBe(429);
  expect(await late.json()).toMatchObject({
    message: expect.stringMatching(/^Too many attempts failed. Try again in \d+ min.$/),
  });
  expect((await signIn(url, 'editor')).status).toBe(200);
});

describe('a request that changes something', () => {
  test('is refused without the header that no form can send, and to pages of other sites', async () => {
    const url = await start();
    const body = JSON.stringify({ name: 'viewer', password: PASSWORD });
    const plain = await fetch(`${url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect([plain.status, await plain.json()]).toMatchObject([
      403,
      { message: expect.stringContaining('x-tocsin-console') },
    ]);
    const foreign = await fetch(`${url}/api/v1/session`, {
      method: 'POST',
      headers: { ...CHANGE, origin: 'http://evil.test' },
      body,
    });
    expect(foreign.status).toBe(403);
    const form = await fetch(`${url}/api/v1/session`, {
      method: 'POST',
      headers: { 'x-tocsin-console': '1' },
      body: new URLSearchParams({ name: 'viewer' }),
    });
    expect(form.status).toBe(415);
  });
});

test('a stream of events ends with the session', async () => {
  const url = await start();
  const cookie = await cookieOf(url, 'viewer');
  const events = new EventSourceUnderTest(`${url}/api/v1/events`, { cookie });
  await expect.poll(() => events.overviews.length).toBe(1);
  await fetch(`${url}/api/v1/session`, { method: 'DELETE', headers: { ...CHANGE, cookie }, body: '{}' });
  alerting.answer = { status: 500, body: '' };
  await events.ended;
  expect(events.overviews).toHaveLength(1);
});

test('on loopback without users everybody is let in', async () => {
  const url = await start('');
  expect(await (await fetch(`${url}/api/v1/session`)).json()).toEqual({
    user: { name: 'console', role: 'admin' },
    isRequired: false,
  });
});
