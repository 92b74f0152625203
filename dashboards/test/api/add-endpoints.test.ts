import { silentLogger } from '@tocsin/service/log';
import Fastify from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addEndpoints, CHANGE_HEADER } from '../../src/api/framework/add-endpoints.ts';
import { type Answer, type Caller, type Endpoint, refuse } from '../../src/api/framework/endpoint.ts';
import type { Role } from '../../src/api/framework/endpoint-types.ts';
import { available, unavailable } from '../../src/part.ts';

/* What every endpoint has in common, on endpoints of this test's own. */
let app = Fastify();
let caller: Caller | undefined;
let answer: Answer<unknown>;
const asked: unknown[] = [];

beforeEach(() => {
  app = Fastify();
  caller = { name: 'ana', role: 'admin' };
  answer = available({ fine: true });
  asked.length = 0;
  const endpoint = (key: string, role: Role): Endpoint => ({
    key: key as Endpoint['key'],
    role,
    answer: (raw, who) => {
      asked.push([raw, who.name]);
      return Promise.resolve(answer);
    },
  });
  addEndpoints(
    app,
    [
      endpoint('GET /things/:id', 'viewer'),
      endpoint('POST /things/:id', 'editor'),
      endpoint('DELETE /things/:id', 'admin'),
    ],
    { identify: () => caller, log: silentLogger() },
  );
});
afterEach(() => app.close());

const change = { [CHANGE_HEADER]: '1' };

test('each role may do what it includes, and is told what it lacks', async () => {
  const statusOf = async (method: 'GET' | 'POST' | 'DELETE') =>
    (await app.inject({ method, url: '/things/7', headers: change })).statusCode;
  const seen: Record<string, number[]> = {};
  for (const role of ['viewer', 'editor', 'admin'] as const) {
    caller = { name: 'ana', role };
    seen[role] = [await statusOf('GET'), await statusOf('POST'), await statusOf('DELETE')];
  }
  expect(seen).toEqual({ viewer: [200, 403, 403], editor: [200, 200, 403], admin: [200, 200, 200] });
  caller = { name: 'ana', role: 'viewer' };
  const { body } = await app.inject({ method: 'POST', url: '/things/7', headers: change });
  expect(JSON.parse(body)).toMatchObject({
    reason: 'forbidden',
    message: 'This takes the role editor; yours is viewer.',
  });
});

test('who is not known gets nothing, and nothing is asked for him', async () => {
  caller = undefined;
  expect((await app.inject('/things/7')).statusCode).toBe(401);
  expect(asked).toEqual([]);
});

test('what changes something wants the header, and reading does not', async () => {
  expect((await app.inject({ method: 'POST', url: '/things/7', payload: { text: 'x' } })).statusCode).toBe(403);
  expect(asked).toEqual([]);
  expect((await app.inject('/things/7')).statusCode).toBe(200);
});

test('the input is of the path and the query, or of the path and the body; the path wins', async () => {
  await app.inject('/things/7?q=a&q=b&id=8');
  await app.inject({ method: 'POST', url: '/things/7?q=ignored', headers: change, payload: { text: 'x', id: '8' } });
  expect(asked).toEqual([
    [{ id: '7', q: ['a', 'b'] }, 'ana'],
    [{ id: '7', text: 'x' }, 'ana'],
  ]);
  const list = await app.inject({ method: 'POST', url: '/things/7', headers: change, payload: ['x'] });
  expect([list.statusCode, JSON.parse(list.body)]).toMatchObject([400, { message: 'The body is no JSON object.' }]);
});

test.each([
  [available(undefined), 200, null],
  [unavailable('timeout', 'Too slow.'), 503, { status: 'unavailable', reason: 'timeout', message: 'Too slow.' }],
  [refuse('not_found', 'None.'), 404, { status: 'refused', reason: 'not_found', message: 'None.' }],
  [refuse('conflict', 'Over.'), 409, { status: 'refused', reason: 'conflict', message: 'Over.' }],
  [refuse('not_possible', 'All.'), 422, { status: 'refused', reason: 'not_possible', message: 'All.' }],
])('%j is answered with %i', async (given, status, body) => {
  answer = given;
  const response = await app.inject('/things/7');
  expect([response.statusCode, JSON.parse(response.body)]).toEqual([status, body]);
  expect(response.headers['cache-control']).toBe('no-store');
});
