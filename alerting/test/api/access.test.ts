import { hash } from 'node:crypto';
import { request } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { identify } from '../../src/api/access/gate.ts';
import { mayAct } from '../../src/api/access/roles.ts';
import { ApiUnderTest, INTERNAL_KEY, TOKENS, tokens } from './api-under-test.ts';

const token = (name: string, role: 'viewer' | 'admin', text: string) => ({ name, role, sha256: hash('sha256', text) });
const RULES = {
  tokens: [token('ana', 'admin', 'tocsin_a'), token('bot', 'viewer', 'tocsin_b:c')],
  required: true,
  internalKey: INTERNAL_KEY,
};
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

test.each([
  ['Bearer tocsin_a', 'ana'],
  ['bearer  tocsin_a ', 'ana'],
  [basic('ana:tocsin_a'), 'ana'],
  [basic('whoever:tocsin_a'), 'ana'],
  [basic(':tocsin_b:c'), 'bot'],
  [`Bearer ${INTERNAL_KEY}`, 'tocsin'],
  ['Bearer tocsin_A', undefined],
  ['Bearer ', undefined],
  ['tocsin_a', undefined],
  [basic('tocsin_a'), undefined],
  [basic('tocsin_a:'), undefined],
  ['Basic %%%', undefined],
  [`Bearer ${hash('sha256', 'tocsin_a')}`, undefined],
  [undefined, undefined],
])('%s is %s', (authorization, actor) => {
  expect(identify(authorization, RULES)?.actor).toBe(actor);
  const open = identify(authorization, { ...RULES, required: false });
  expect(open?.actor).toBe(actor ?? 'anonymous');
});

test('the console names the person for whom it acts, and from nobody else is that believed', () => {
  const actorOf = (authorization: string | undefined, header?: string | string[]) =>
    identify(authorization, { ...RULES, required: false }, header)?.actor;
  const own = `Bearer ${INTERNAL_KEY}`;
  expect(actorOf(own, encodeURIComponent('Ana Müller'))).toBe('Ana Müller');
  for (const header of [undefined, '', '%', encodeURIComponent('a\nb'), 'a'.repeat(201), ['a', 'b']])
    expect(actorOf(own, header), String(header)).toBe('tocsin');
  expect(actorOf('Bearer tocsin_b:c', 'ana')).toBe('bot');
  expect(actorOf(undefined, 'ana')).toBe('anonymous');
  expect(identify(own, RULES, 'ana')?.role).toBe('responder');
});

test('roles include others, but a sender only sends and nobody but an admin administers', () => {
  const roles = ['sender', 'viewer', 'responder', 'admin'] as const;
  const may = (role: (typeof roles)[number]) => roles.filter((needed) => mayAct(role, needed));
  expect(roles.map(may)).toEqual([['sender'], ['viewer'], ['sender', 'viewer', 'responder'], [...roles]]);
});

describe('on a running server', () => {
  let api: ApiUnderTest;
  afterEach(() => api.stop());

  test('tokens are not wanted on loopback, but one that is shown counts', async () => {
    api = await ApiUnderTest.start(tokens('off'));
    expect((await api.get('/api/v2/alerts')).status).toBe(200);
    api.token = 'of-a-proxy-before-us';
    expect((await api.get('/api/v1/audit')).status).toBe(200);
    api.token = TOKENS.viewer;
    expect((await api.get('/api/v1/audit')).status).toBe(403);
    expect((await api.ask('POST', '/-/reload')).status).toBe(403);
  });

  test('a request without a token is refused before its body is read', async () => {
    api = await ApiUnderTest.start(tokens());
    expect((await api.ask('POST', '/api/v2/alerts', ' '.repeat(9 * 2 ** 20))).status).toBe(401);
    expect(await api.ask('GET', '/api/v1/deliveries')).toMatchObject({
      status: 401,
      body: { reason: 'unauthenticated', title: 'Unauthorized', status: 401 },
    });
    expect((await api.get('/-/healthy')).status).toBe(200);
    expect((await api.get('/healthz')).status).toBe(200);
    expect(await api.ask('POST', '/-/reload')).toMatchObject({ status: 401, type: 'text/plain; charset=utf-8' });
  });

  test.each(['/api/v1/deliveries', '/api/v2/alerts', '/-/healthy'])(
    'pages of other sites get nothing from %s',
    async (path) => {
      api = await ApiUnderTest.start(tokens('off'));
      const asked = (headers: Record<string, string>) => api.ask('GET', path, undefined, headers);
      expect(await asked({ origin: 'https://evil.example' })).toMatchObject({ status: 403 });
      expect((await asked({ origin: api.url })).status).toBe(200);
      const rebound = await new Promise<number | undefined>((resolve, reject) => {
        request(`${api.url}${path}`, { headers: { host: 'evil.example' } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .on('error', reject)
          .end();
      });
      expect(rebound).toBe(403);
    },
  );

  test('paths and methods that there are not are told in the way of the path', async () => {
    api = await ApiUnderTest.start('');
    expect(await api.get('/api/v1/nothing')).toMatchObject({
      status: 404,
      body: { reason: 'not_found', detail: 'path /api/v1/nothing was not found' },
    });
    expect(await api.get('/api/v2/nothing')).toMatchObject({
      status: 404,
      body: { code: 404, message: 'path /api/v2/nothing was not found' },
    });
    expect(await api.ask('PUT', '/api/v2/alerts', [])).toMatchObject({
      status: 405,
      body: { code: 405, message: 'method PUT is not allowed, but [GET,HEAD,POST] are' },
    });
    expect((await api.get('/api/v2/silence/%zz')).status).toBe(400);
    expect((await api.ask('HEAD', '/api/v2/alerts')).status).toBe(200);
  });

  test("Alertmanager's API v1 is gone as Alertmanager says it", async () => {
    api = await ApiUnderTest.start(tokens());
    expect(await api.ask('POST', '/api/v1/alerts', [])).toMatchObject({ status: 410, body: { status: 'deprecated' } });
  });

  test('a reload tells what came of it', async () => {
    const outcomes = [{ status: 'ok' }, { status: 'failed' }] as const;
    let count = 0;
    api = await ApiUnderTest.start('', { reload: () => Promise.resolve(outcomes[count++]!) });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await api.ask('POST', '/-/reload', '', form)).toMatchObject({ status: 200, body: '' });
    expect(await api.ask('POST', '/-/reload')).toMatchObject({
      status: 500,
      body: expect.stringContaining('the log has the report'),
    });
  });
});
