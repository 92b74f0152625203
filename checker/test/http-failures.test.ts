import { describe, expect, test } from 'vitest';
import { makeMonitor, makeNetwork, phaseNames, probe } from './monitors.ts';
import { findClosedPort, serveDeaf, serveHttp, serveTcp } from './servers.ts';

const BRIEF = { timeoutMs: 150 };

/** The phase a run ended in. */
function failedPhase(run: Awaited<ReturnType<typeof probe>>): string | undefined {
  return run.phases.find(({ failed }) => failed)?.name;
}

describe('a target that does not answer', () => {
  test('a name that does not exist fails', async () => {
    const network = makeNetwork({ names: { 'gone.test': 'ENOTFOUND' } });
    const run = await probe(makeMonitor('http://gone.test/'), network);
    expect(run.verdict).toEqual({
      outcome: 'down',
      reason: 'dns_nxdomain',
      message: 'expected gone.test to have an address, found none (ENOTFOUND)',
    });
    expect(phaseNames(run)).toBe('resolve');
  });

  test('a resolver that fails or hangs is our own trouble', async () => {
    const names = { 'a.test': 'EAI_AGAIN', 'b.test': new Promise<never>(() => {}) };
    const failing = await probe(makeMonitor('http://a.test/'), makeNetwork({ names }));
    const hanging = await probe(makeMonitor('http://b.test/', BRIEF), makeNetwork({ names }));
    expect(failing.verdict).toMatchObject({ outcome: 'unknown', reason: 'dns_unavailable' });
    expect(hanging.verdict).toMatchObject({ outcome: 'unknown', reason: 'dns_unavailable' });
    expect(failedPhase(hanging)).toBe('resolve');
  });

  test('a closed port is refused', async () => {
    const port = await findClosedPort();
    const run = await probe(makeMonitor(`http://127.0.0.1:${port}/`));
    expect(run.verdict).toEqual({
      outcome: 'down',
      reason: 'connect_refused',
      message: `expected a connection to 127.0.0.1:${port}, found it refused`,
    });
    expect(failedPhase(run)).toBe('connect');
  });

  test('a connection that never comes is a connect timeout', async () => {
    await using server = await serveDeaf();
    const run = await probe(makeMonitor(server.url, BRIEF));
    expect(run.verdict).toMatchObject({ outcome: 'down', reason: 'connect_timeout' });
    expect(run.verdict.message).toMatch(/^expected a connection of 127\.0\.0\.1:\d+ within 150ms, found none$/);
    expect(failedPhase(run)).toBe('connect');
  });

  test('a TLS handshake, a response and a body that never come are timeouts that name what was awaited', async () => {
    await using silent = await serveTcp((socket) => socket.resume());
    await using stuck = await serveHttp((_request, response) => response.write('half of'));
    const runs = await Promise.all([
      probe(makeMonitor(silent.url.replace('http', 'https'), BRIEF)),
      probe(makeMonitor(silent.url, BRIEF)),
      probe(makeMonitor(stuck.url, BRIEF)),
    ]);
    expect(runs.map(({ verdict }) => verdict.reason)).toEqual(['timeout', 'timeout', 'timeout']);
    expect(runs.map(failedPhase)).toEqual(['tls', 'request', 'transfer']);
    expect(runs[1]?.verdict.message).toMatch(/^expected a response of .* within 150ms, found none$/);
  });

  test('a body that trickles on and on is over when the time is', async () => {
    await using server = await serveHttp((_request, response) => {
      const timer = setInterval(() => response.write('.'), 10);
      response.on('close', () => clearInterval(timer));
    });
    const run = await probe(makeMonitor(server.url, BRIEF));
    expect(run.verdict.reason).toBe('timeout');
    expect(run.durationMs).toBeLessThan(2_000);
  });
});

describe('a target that answers wrongly', () => {
  test('a reset before and after the request is a reset', async () => {
    await using server = await serveTcp((socket) => socket.once('data', () => socket.resetAndDestroy()));
    const plain = await probe(makeMonitor(server.url));
    const tls = await probe(makeMonitor(server.url.replace('http', 'https')));
    expect(plain.verdict).toMatchObject({ outcome: 'down', reason: 'reset' });
    expect(tls.verdict).toMatchObject({ outcome: 'down', reason: 'reset' });
    expect([failedPhase(plain), failedPhase(tls)]).toEqual(['request', 'tls']);
  });

  test('a reset in the middle of the body is a reset in the transfer', async () => {
    await using server = await serveTcp((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
        setTimeout(() => socket.resetAndDestroy(), 30);
      });
    });
    const run = await probe(makeMonitor(server.url));
    expect(run.verdict).toMatchObject({ outcome: 'down', reason: 'reset' });
    expect(failedPhase(run)).toBe('transfer');
  });

  test('a connection closed without a response, or before the promised length, is said to be closed', async () => {
    await using mute = await serveTcp((socket) => socket.once('data', () => socket.end()));
    await using short = await serveTcp((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'));
    });
    const runs = [await probe(makeMonitor(mute.url)), await probe(makeMonitor(short.url))];
    expect(runs.map(({ verdict }) => verdict.reason)).toEqual(['connection_closed', 'connection_closed']);
    expect(runs.map(failedPhase)).toEqual(['request', 'transfer']);
  });

  test.each([
    ['something else', 'SSH-2.0-OpenSSH_9.9\r\n'],
    ['contradicting lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    ['headers without end', `HTTP/1.1 200 OK\r\n${'X-Filler: 0123456789\r\n'.repeat(4_000)}`],
  ])('%s is not HTTP', async (_name, answer) => {
    await using server = await serveTcp((socket) => socket.once('data', () => socket.write(answer)));
    const { verdict } = await probe(makeMonitor(server.url));
    expect(verdict).toMatchObject({ outcome: 'down', reason: 'protocol_error' });
  });

  test('a body of a length nobody told is whole when the connection ends', async () => {
    await using server = await serveTcp((socket) => {
      socket.once('data', () => socket.end('HTTP/1.0 200 OK\r\n\r\nall of it'));
    });
    expect((await probe(makeMonitor(server.url, { bodyContains: ['all of it'] }))).verdict.outcome).toBe('up');
  });
});

test('a request that cannot be made as configured says nothing about the target', async () => {
  await using server = await serveHttp((_request, response) => response.end());
  const run = await probe(makeMonitor(server.url, { headers: { 'x-bad': 'line\nbreak-secret' } }));
  expect(run.verdict).toMatchObject({ outcome: 'unknown', reason: 'invalid_request' });
  expect(run.verdict.message).not.toContain('secret');
});

describe('secrets', () => {
  const headers = { Authorization: 'Bearer tok-12345', 'X-Api-Key': 'key-67890', Accept: 'text/html' };

  test('header values, userinfo and credentials in the query are in no result, even when the target repeats them', async () => {
    await using server = await serveHttp((request, response) => {
      response.writeHead(500).end(JSON.stringify({ url: request.url, ...request.headers }));
    });
    const url = `http://ann:pass-word@127.0.0.1:${server.port}/x?api_key=query-secret&page=2`;
    const runs = [
      await probe(makeMonitor(url, { headers, status: [500], bodyContains: ['never there'] })),
      await probe(makeMonitor(url.replace('api_key', 'page'), { headers: {}, status: [500], bodyContains: ['nope'] })),
    ];
    const text = JSON.stringify(runs[0]);
    for (const secret of ['tok-12345', 'key-67890', 'pass-word', 'query-secret']) expect(text).not.toContain(secret);
    expect(text).toContain('[hidden]');
    expect(runs[0]?.attributes['url.full']).toBe(`http://127.0.0.1:${server.port}/x?api_key=REDACTED&page=2`);
    expect(JSON.stringify(runs[1])).not.toContain('pass-word');
    expect(JSON.stringify(runs[1])).not.toContain(Buffer.from('ann:pass-word').toString('base64'));
  });
});
