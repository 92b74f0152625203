import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AlertingClient, createAlertingClient } from '../src/alerts/alerting-client.ts';

let server: Server;
let client: AlertingClient;
let answer: { status: number; body: string };
const received: { method: string; url: string; headers: IncomingHttpHeaders; body: string }[] = [];

beforeEach(async () => {
  received.length = 0;
  answer = { status: 200, body: '{}' };
  server = createServer((request, response) => {
    void text(request).then((body) => {
      received.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
      response.writeHead(answer.status).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  client = createAlertingClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'key');
});
afterEach(async () => {
  await client.stop();
  await new Promise((resolve) => server.close(resolve));
});

const note = { method: 'POST', path: '/api/v1/incidents/7/notes', route: '/api/v1/incidents/{id}/notes' } as const;

test('it acts in the name of a person, whatever letters that has', async () => {
  answer = { status: 200, body: '{"id":"7"}' };
  expect(await client.ask({ ...note, body: { text: 'disk' }, actor: 'Ana Müller' })).toEqual({
    status: 'ok',
    value: { id: '7' },
  });
  expect(received).toMatchObject([
    {
      method: 'POST',
      url: '/api/v1/incidents/7/notes',
      body: '{"text":"disk"}',
      headers: {
        'x-tocsin-actor': 'Ana%20M%C3%BCller',
        authorization: 'Bearer key',
        'content-type': 'application/json',
      },
    },
  ]);
});

test('who only reads is not named', async () => {
  await client.ask({ method: 'GET', path: '/api/v1/rules' });
  expect(received[0]?.headers['x-tocsin-actor']).toBeUndefined();
});

test('what it refuses is told in its words, with the fields', async () => {
  const errors = [{ field: 'text', detail: 'expected 1 to 1000 characters' }];
  answer = { status: 400, body: JSON.stringify({ detail: 'The note is empty.', errors }) };
  expect(await client.ask(note)).toEqual({
    status: 'refused',
    reason: 'bad_request',
    message: 'The note is empty.',
    errors: [{ field: 'text', expected: 'expected 1 to 1000 characters' }],
  });
  answer = { status: 409, body: JSON.stringify({ detail: 'The incident is over.' }) };
  expect(await client.ask(note)).toMatchObject({ reason: 'conflict', message: 'The incident is over.' });
  answer = { status: 422, body: JSON.stringify({ code: 602, message: 'matchers in body is required' }) };
  expect(await client.ask(note)).toMatchObject({ reason: 'not_possible', message: 'matchers in body is required' });
  answer = { status: 400, body: JSON.stringify('bad matcher') };
  expect(await client.ask(note)).toMatchObject({ reason: 'bad_request', message: 'bad matcher' });
});

test('that it does not know the console, or is broken, is no fault of who asks', async () => {
  for (const status of [401, 403, 500, 503]) {
    answer = { status, body: '{"detail":"secret of the inside"}' };
    expect(await client.ask(note)).toEqual({
      status: 'unavailable',
      reason: 'http_status',
      message: `Alerting answered with status ${status}.`,
    });
  }
  answer = { status: 200, body: '<html>' };
  expect(await client.ask(note)).toMatchObject({ status: 'unavailable', reason: 'bad_answer' });
});

test('an answer without a body is one', async () => {
  answer = { status: 200, body: '' };
  expect(await client.ask(note)).toEqual({ status: 'ok', value: undefined });
});
