import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { makeMonitor, makeNetwork, phaseNames, probe } from './monitors.ts';
import { serveHttp } from './servers.ts';

test('a 200 passes with every phase that happened, in order, within the run', async () => {
  await using server = await serveHttp((_request, response) => response.end('ok'));
  const run = await probe(makeMonitor(`http://shop.test:${server.port}/health`));
  expect(run.verdict).toMatchObject({ outcome: 'up', reason: 'ok' });
  expect(run.verdict.message).toMatch(/^status 200 in \d+ms$/);
  expect(phaseNames(run)).toBe('resolve connect request transfer');
  const ends = run.phases.map(({ startOffsetMs, durationMs }) => startOffsetMs + durationMs);
  expect(ends).toEqual(ends.toSorted((a, b) => a - b));
  expect(ends.at(-1)).toBeLessThanOrEqual(run.durationMs);
  expect(run.attributes).toEqual({
    'http.request.method': 'GET',
    'url.full': `http://shop.test:${server.port}/health`,
    'server.address': 'shop.test',
    'server.port': server.port,
    'network.peer.address': '127.0.0.1',
    'network.protocol.version': '1.1',
    'http.response.status_code': 200,
  });
});

test('an address needs no lookup, so there is no resolve phase', async () => {
  await using server = await serveHttp((_request, response) => response.end());
  expect(phaseNames(await probe(makeMonitor(server.url)))).toBe('connect request transfer');
});

test('the request carries the root span as its parent, sampled', async () => {
  let traceparent: unknown;
  await using server = await serveHttp((request, response) => {
    ({ traceparent } = request.headers);
    response.end();
  });
  const run = await probe(makeMonitor(server.url, { headers: { TraceParent: '00-mine' } }));
  expect(traceparent).toBe(`00-${run.traceId}-${run.spanId}-01`);
});

test('two runs use two connections and two traces', async () => {
  const ports = new Set<number | undefined>();
  await using server = await serveHttp((request, response) => {
    ports.add(request.socket.remotePort);
    response.end();
  });
  const runs = [await probe(makeMonitor(server.url)), await probe(makeMonitor(server.url))];
  expect(ports.size).toBe(2);
  expect(new Set(runs.map(({ traceId }) => traceId)).size).toBe(2);
});

test('method, headers, body and userinfo reach the server as configured', async () => {
  const seen: unknown[] = [];
  await using server = await serveHttp(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const { authorization, 'x-team': team, 'user-agent': agent } = request.headers;
    seen.push(request.method, request.url, body, authorization, team, agent);
    response.end();
  });
  const url = `http://ann:p%40ss@127.0.0.1:${server.port}/a?b=c`;
  const monitor = makeMonitor(url, { method: 'POST', body: '{"x":1}', headers: { 'X-Team': 'web' } });
  expect((await probe(monitor)).verdict.outcome).toBe('up');
  const basic = `Basic ${Buffer.from('ann:p@ss').toString('base64')}`;
  expect(seen).toEqual(['POST', '/a?b=c', '{"x":1}', basic, 'web', expect.stringMatching(/^Tocsin\/\d/)]);
});

test('a HEAD response has no body and passes', async () => {
  await using server = await serveHttp((_request, response) => response.setHeader('content-length', 99).end());
  expect((await probe(makeMonitor(server.url, { method: 'HEAD' }))).verdict.outcome).toBe('up');
});

test('an interim 103 response is not the answer', async () => {
  await using server = await serveHttp((_request, response) => {
    response.writeEarlyHints({ link: '</a.css>; rel=preload' });
    response.end('ok');
  });
  const run = await probe(makeMonitor(server.url));
  expect(run.attributes['http.response.status_code']).toBe(200);
});

test('another status than the expected one fails with both', async () => {
  await using server = await serveHttp((_request, response) => response.writeHead(503).end());
  const run = await probe(makeMonitor(server.url, { status: [200] }));
  expect(run.verdict).toEqual({
    outcome: 'down',
    reason: 'status_mismatch',
    message: 'expected status 200, found 503',
  });
  expect(run.attributes['http.response.status_code']).toBe(503);
});

test('text is found in a compressed body and in another charset', async () => {
  await using server = await serveHttp((request, response) => {
    if (request.url === '/gzip') response.setHeader('content-encoding', 'gzip').end(gzipSync('all is well'));
    else response.setHeader('content-type', 'text/plain; charset=iso-8859-1').end(Buffer.from('grün', 'latin1'));
  });
  const zipped = await probe(makeMonitor(`${server.url}/gzip`, { bodyContains: ['is well'] }));
  const latin = await probe(makeMonitor(`${server.url}/latin`, { bodyContains: ['grün'] }));
  expect([zipped.verdict.outcome, latin.verdict.outcome]).toEqual(['up', 'up']);
});

test('a body that says it is compressed and is not does not contain the text', async () => {
  await using server = await serveHttp((_request, response) => {
    response.setHeader('content-encoding', 'gzip').end('ok');
  });
  const { verdict } = await probe(makeMonitor(server.url, { bodyContains: ['ok'] }));
  expect(verdict.message).toBe('expected the body to contain "ok", found a body that is not valid gzip');
});

test('an endless body is cut at its limit, and what came is judged', async () => {
  let closed = false;
  await using server = await serveHttp((_request, response) => {
    response.write('begin ');
    const chunk = Buffer.alloc(65_536, 'x');
    const pump = (): void => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on('drain', pump).on('close', () => (closed = true));
    pump();
  });
  const found = await probe(makeMonitor(server.url, { bodyContains: ['begin'] }));
  const missing = await probe(makeMonitor(server.url, { bodyContains: ['end'] }));
  expect(found.verdict.outcome).toBe('up');
  expect(missing.verdict.message).toMatch(/found "begin x+…" \(only the first 1 MiB was read\)$/);
  await expect.poll(() => closed).toBe(true);
});

test('a decompression bomb costs no more than the limit', async () => {
  const bomb = gzipSync(Buffer.alloc(40 * 2 ** 20));
  await using server = await serveHttp((_request, response) => {
    response.setHeader('content-encoding', 'gzip').end(bomb);
  });
  const { verdict } = await probe(makeMonitor(server.url, { bodyContains: ['ok'] }));
  expect(verdict).toMatchObject({ reason: 'body_mismatch' });
  expect(verdict.message).toMatch(/only the first 1 MiB was read/);
});

test('the phases of a slow server tell where the time went', async () => {
  await using server = await serveHttp((_request, response) => {
    setTimeout(() => {
      response.write('first');
      setTimeout(() => response.end('last'), 60);
    }, 120);
  });
  const run = await probe(makeMonitor(server.url));
  const of = (name: string): number => run.phases.find((phase) => phase.name === name)?.durationMs ?? Number.NaN;
  expect(of('request')).toBeGreaterThanOrEqual(115);
  expect(of('transfer')).toBeGreaterThanOrEqual(55);
  expect(of('transfer')).toBeLessThan(of('request'));
  expect(run.durationMs).toBeGreaterThanOrEqual(of('connect') + of('request') + of('transfer'));
});

test('a response later than the expected latency fails though its status is right', async () => {
  await using server = await serveHttp((_request, response) => {
    setTimeout(() => response.end('ok'), 60);
  });
  const run = await probe(makeMonitor(server.url, { latencyMs: 20 }));
  expect(run.verdict).toMatchObject({ outcome: 'down', reason: 'latency_exceeded' });
  expect(run.verdict.message).toMatch(/^expected a response within 20ms, found \d+ms$/);
});

test('a run that is called off has no result', async () => {
  await using server = await serveHttp(() => {});
  const { probeOnce } = await import('../src/probe.ts');
  const signal = AbortSignal.timeout(50);
  expect(await probeOnce(makeMonitor(server.url), { signal, network: makeNetwork() })).toBeUndefined();
  expect(await probeOnce(makeMonitor(server.url), { signal: AbortSignal.abort() })).toBeUndefined();
});
