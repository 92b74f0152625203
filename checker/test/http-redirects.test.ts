import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, test } from 'vitest';
import { decideRedirect } from '../src/kinds/http/redirect.ts';
import { makeMonitor, phaseNames, probe } from './monitors.ts';
import { serveHttp } from './servers.ts';

test('a redirect is followed over a connection of its own and the phases of both are told', async () => {
  await using server = await serveHttp((request, response) => {
    if (request.url === '/') response.writeHead(302, { location: '/health' }).end('moved');
    else response.end('ok');
  });
  const run = await probe(makeMonitor(server.url, { bodyContains: ['ok'] }));
  expect(run.verdict.outcome).toBe('up');
  expect(phaseNames(run)).toBe('connect request transfer connect request transfer');
  expect(run.phases.map(({ hop }) => hop)).toEqual([0, 0, 0, 1, 1, 1]);
  expect(run.attributes).toMatchObject({ 'tocsin.probe.redirects': 1, 'url.full': `${server.url}/` });
});

test('a loop of redirects ends after five', async () => {
  let requests = 0;
  await using server = await serveHttp((_request, response) => {
    requests += 1;
    response.writeHead(301, { location: '/' }).end();
  });
  const run = await probe(makeMonitor(server.url));
  expect(run.verdict).toMatchObject({ outcome: 'down', reason: 'redirect_limit' });
  expect(requests).toBe(6);
});

test('a redirect is the result where a 3xx is expected, and for a POST', async () => {
  await using server = await serveHttp((_request, response) => response.writeHead(302, { location: '/x' }).end());
  expect((await probe(makeMonitor(server.url, { status: [302] }))).verdict.outcome).toBe('up');
  expect((await probe(makeMonitor(server.url, { method: 'POST' }))).verdict.message).toBe(
    'expected status 2xx, found 302',
  );
});

test.each([
  ['gopher://x/', 'found a gopher: URL'],
  ['http://[', 'found a Location that is not a URL'],
])('a redirect to %s fails', async (location, found) => {
  await using server = await serveHttp((_request, response) => response.writeHead(302, { location }).end());
  const { verdict } = await probe(makeMonitor(server.url));
  expect(verdict).toMatchObject({ outcome: 'down', reason: 'redirect_invalid' });
  expect(verdict.message).toContain(found);
});

test('credentials stay with the origin they were configured for', async () => {
  const seen: IncomingHttpHeaders[] = [];
  await using other = await serveHttp((request, response) => {
    seen.push(request.headers);
    response.end();
  });
  await using server = await serveHttp((request, response) => {
    seen.push(request.headers);
    response.writeHead(307, { location: request.url === '/' ? '/again' : `${other.url}/away` }).end();
  });
  const headers = { authorization: 'Bearer secret', cookie: 'a=b', 'x-api-key': 'secret', 'user-agent': 'me' };
  const run = await probe(makeMonitor(server.url, { headers }));
  expect(run.verdict.outcome).toBe('up');
  expect(seen.map(({ authorization }) => authorization)).toEqual(['Bearer secret', 'Bearer secret', undefined]);
  expect(seen.at(-1)).toMatchObject({ 'user-agent': 'me', traceparent: `00-${run.traceId}-${run.spanId}-01` });
  expect(seen.at(-1)).not.toHaveProperty('x-api-key');
  expect(seen.at(-1)).not.toHaveProperty('cookie');
});

describe('the decision', () => {
  const policy = { mode: 'follow', max: 5 } as const;
  const request = { url: new URL('https://a.test/x'), method: 'GET', headers: {}, body: undefined };

  test('stays with a 3xx that has no Location, and with a 304', () => {
    expect(decideRedirect(request, { statusCode: 302, location: undefined }, policy, 0).action).toBe('stay');
    expect(decideRedirect(request, { statusCode: 304, location: '/y' }, policy, 0).action).toBe('stay');
  });

  test('counts another scheme as another origin', () => {
    const withSecret = { ...request, headers: { cookie: 'a=b', accept: '*/*' } };
    const decision = decideRedirect(withSecret, { statusCode: 301, location: 'http://a.test/x' }, policy, 0);
    expect(decision).toMatchObject({ action: 'follow', request: { headers: { accept: '*/*' } } });
    expect(JSON.stringify(decision)).not.toContain('a=b');
  });
});
