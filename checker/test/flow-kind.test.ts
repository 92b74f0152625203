import type { FlowStep, HttpExpectation, MonitorOf } from '@tocsin/service/config';
import { expect, test } from 'vitest';
import { describeContract } from './kinds/contract.ts';
import { makeConnection, makeMonitor, type MonitorParts, probe } from './monitors.ts';
import { findClosedPort, serveHttp, type TestServer } from './servers.ts';

type StepParts = MonitorParts & { readonly extract?: FlowStep['extract'] };

function makeStep(name: string, url: string, parts: StepParts = {}): FlowStep {
  const { http, expect: expectations } = makeMonitor(url, parts);
  return { name, request: http, expect: expectations as HttpExpectation[], extract: parts.extract ?? {} };
}

function makeFlow(flow: readonly FlowStep[], timeoutMs = 5_000): MonitorOf<'flow'> {
  const { http: _http, expect: _expect, ...common } = makeMonitor('http://127.0.0.1/', { timeoutMs });
  return { ...common, kind: 'flow', flow, connection: makeConnection() };
}

/** Gives a token at /login and an order to whoever brings it. */
function serveShop(): Promise<TestServer> {
  return serveHttp(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    if (request.url === '/login') {
      response.setHeader('set-cookie', 'sid=cookie-77').setHeader('x-csrf', 'csrf-88');
      response.end(JSON.stringify({ token: 'token-66', page: 'order id=ord-55;' }));
    } else if (request.url === '/orders/ord-55') {
      const { authorization, cookie, 'x-csrf': csrf } = request.headers;
      const good = authorization === 'Bearer token-66' && cookie === 'sid=cookie-77' && csrf === 'csrf-88';
      response
        .writeHead(good && body === 'sid=cookie-77' ? 200 : 403)
        .end(`${authorization} ${cookie} ${csrf} ${body}`);
    } else response.writeHead(404).end();
  });
}

const login = (server: TestServer): FlowStep =>
  makeStep('login', `${server.url}/login`, {
    extract: {
      token: { from: 'json', path: '$.token' },
      order: { from: 'body', pattern: 'id=([a-z0-9-]+)' },
      csrf: { from: 'header', name: 'x-csrf' },
      sid: { from: 'cookie', name: 'sid' },
    },
  });

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

describeContract({
  kind: 'flow',
  async up() {
    const server = await serveShop();
    return { monitor: makeFlow([login(server)]), [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
  },
  down: [
    [
      'connect_refused',
      async () => ({
        monitor: makeFlow([makeStep('one', `http://127.0.0.1:${await findClosedPort()}/`)]),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      }),
    ],
  ],
  hanging: [
    [
      'never answers in its second step',
      async () => {
        const server = await serveHttp((request, response) => request.url === '/1' && response.end());
        const steps = [makeStep('one', `${server.url}/1`), makeStep('two', `${server.url}/2`)];
        return { monitor: makeFlow(steps, 200), [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
      },
    ],
  ],
  atHost: (host) => makeFlow([makeStep('one', `http://${host}:9/`)]),
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
