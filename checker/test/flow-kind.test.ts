import { expect, test } from 'vitest';
import { probe } from './monitors.ts';
import { serveHttp } from './servers.ts';
import { makeStep, makeFlow, serveShop, login } from './kinds/subjects/flow.ts';
test('values of one step are used in the next, in the URL, headers, credentials and body, and cookies go along', async () => {
  await using server = await serveShop();
  const order = makeStep('order', `${server.url}/orders/{{ order }}`, {
    method: 'POST',
    auth: { type: 'bearer', token: '{{token}}' },
    headers: { 'x-csrf': '{{ csrf }}' },
    body: 'sid={{ sid }}',
  });
  const run = await probe(makeFlow([login(server), order]));
  expect(run.verdict).toMatchObject({ outcome: 'up' });
  expect(run.verdict.message).toMatch(/^2 steps in \d+ms$/);
  expect(run.hops?.map(({ name }) => name)).toEqual(['step login GET 200', 'step order POST 200']);
  expect(run.phases.map(({ hop }) => hop)).toEqual([0, 0, 0, 1, 1, 1]);
  expect(JSON.stringify(run)).not.toMatch(/token-66|cookie-77|csrf-88|ord-55/);
});

test('the step that fails is named and ends the flow', async () => {
  await using server = await serveShop();
  const steps = [login(server), makeStep('pay', `${server.url}/pay`), makeStep('after', `${server.url}/login`)];
  const run = await probe(makeFlow(steps));
  expect(run.verdict).toMatchObject({ outcome: 'down', reason: 'status_mismatch' });
  expect(run.verdict.message).toBe('step pay: expected status 2xx, found 404');
  expect(run.attributes).toMatchObject({ 'tocsin.probe.step': 'pay', 'http.response.status_code': 404 });
  expect(run.hops).toHaveLength(2);
});

test('a value that is not there is a reason of its own', async () => {
  await using server = await serveShop();
  const step = makeStep('login', `${server.url}/login`, { extract: { id: { from: 'json', path: '$.id' } } });
  const { verdict } = await probe(makeFlow([step]));
  expect(verdict).toMatchObject({ outcome: 'down', reason: 'extract_failed' });
  expect(verdict.message).toMatch(/^step login: expected id at \$\.id of the body, found "\{/);
});

test('a step that is only degraded does not end the flow, and is what the flow is in the end', async () => {
  await using server = await serveShop();
  const slow = {
    severity: 'degraded',
    subject: 'header',
    name: 'x-none',
    tests: [{ operator: 'exists', negated: false }],
  } as const;
  const steps = [makeStep('one', `${server.url}/login`, { expect: [slow] }), makeStep('two', `${server.url}/login`)];
  const run = await probe(makeFlow(steps));
  expect(run.verdict).toMatchObject({
    outcome: 'degraded',
    message: 'step one: expected the header x-none to be there, found none',
  });
  expect(run.hops).toHaveLength(2);
});

test('a value that makes a URL impossible is told without it', async () => {
  await using server = await serveHttp((_request, response) => response.end('{"host":"no such host"}'));
  const first = makeStep('first', server.url, { extract: { host: { from: 'json', path: '$.host' } } });
  const { verdict } = await probe(makeFlow([first, makeStep('second', 'http://{{ host }}:99999/')]));
  expect(verdict).toMatchObject({ outcome: 'down', reason: 'extract_failed' });
  expect(verdict.message).not.toContain('such');
});

test('a value that breaks a header is the doing of the target that gave it, and breaks no other header in', async () => {
  const seen: unknown[] = [];
  await using server = await serveHttp(({ url, headers }, response) => {
    seen.push(headers['x-evil']);
    response.end(url === '/1' ? JSON.stringify({ t: 'a\r\nX-Evil: 1' }) : 'ok');
  });
  const first = makeStep('first', `${server.url}/1`, { extract: { t: { from: 'json', path: '$.t' } } });
  const { verdict } = await probe(makeFlow([first, makeStep('second', server.url, { headers: { 'x-t': '{{ t }}' } })]));
  expect(verdict).toMatchObject({ outcome: 'down', reason: 'extract_failed' });
  expect(seen).toEqual([undefined]);
});
