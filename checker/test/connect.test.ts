import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { connectFirst } from '../src/net/connect.ts';
import { judgeConnectFailure, judgeLookupFailure } from '../src/net/failure.ts';
import { isOnLink } from '../src/net/on-link.ts';
import { createSystemLookup } from '../src/net/lookup/system-lookup.ts';
import { interleaveFamilies } from '../src/net/resolve.ts';
import { makeMonitor, makeNetwork, probe } from './monitors.ts';
import { findClosedPort, serveDeaf, serveHttp, serveTcp } from './servers.ts';

const V4 = { address: '127.0.0.1', family: 4 };
const V6 = { address: '::1', family: 6 };
const forever = new AbortController().signal;

/** Listens on a given port of another loopback address. */
async function serveTcpAt(host: string, port: number): Promise<AsyncDisposable & { readonly host: string }> {
  const server = createServer((socket) => socket.on('error', () => {}).resume());
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  return {
    host,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

test('a target whose first address refuses is reached at its second', async () => {
  await using server = await serveHttp((_request, response) => response.end());
  const names = { 'two.test': [{ address: '127.0.0.2', family: 4 }, V4] };
  const run = await probe(makeMonitor(`http://two.test:${server.port}/`), makeNetwork({ names }));
  expect(run.verdict.outcome).toBe('up');
  expect(run.attributes['network.peer.address']).toBe('127.0.0.1');
});

test('an address that hangs does not hold up the next one', async () => {
  await using deaf = await serveDeaf();
  const startMs = performance.now();
  const other = { address: '127.0.0.2', family: 4 };
  const options = { port: deaf.port, attemptDelayMs: 20 };
  const outcome = await connectFirst([V4, other], { ...options, signal: AbortSignal.timeout(300) });
  // The second is refused at once; the first is still awaited, for it may yet come.
  expect(outcome.status).toBe('aborted');
  await using server = await serveTcpAt('127.0.0.2', deaf.port);
  const reached = await connectFirst([V4, other], { ...options, signal: AbortSignal.timeout(5_000) });
  expect(reached).toMatchObject({ status: 'connected', address: server.host });
  expect(performance.now() - startMs).toBeLessThan(4_000);
  if (reached.status === 'connected') reached.socket.destroy();
});

test('when every address fails each failure is told', async () => {
  const port = await findClosedPort();
  const outcome = await connectFirst([V4, { address: '127.0.0.2', family: 4 }], { port, signal: forever });
  expect(outcome).toMatchObject({
    status: 'failed',
    attempts: [
      { address: '127.0.0.1', code: 'ECONNREFUSED' },
      { address: '127.0.0.2', code: 'ECONNREFUSED' },
    ],
  });
});

test('the connections that lose are closed', async () => {
  let open = 0;
  await using server = await serveTcp((socket) => {
    open += 1;
    socket.on('close', () => (open -= 1)).resume();
  });
  const outcome = await connectFirst([V4, V4, V4], { port: server.port, signal: forever, attemptDelayMs: 0 });
  if (outcome.status !== 'connected') throw new Error(outcome.status);
  await expect.poll(() => open).toBe(1);
  outcome.socket.destroy();
});

test('families take turns, beginning with the resolver’s first', () => {
  const other = { address: '192.0.2.1', family: 4 };
  expect(interleaveFamilies([V6, V4, other])).toEqual([V6, V4, other]);
  expect(interleaveFamilies([V4, other, V6])).toEqual([V4, V6, other]);
  expect(interleaveFamilies([])).toEqual([]);
});

test('a name is looked up once at a time', async () => {
  const { lookup } = createSystemLookup();
  const [first, second] = [lookup('localhost'), lookup('localhost')];
  expect(second).toBe(first);
  expect((await first).length).toBeGreaterThan(0);
  const third = lookup('localhost');
  expect(third).not.toBe(first);
  await third;
});

test.each([
  ['ENOTFOUND', 'down', 'dns_nxdomain'],
  ['EAI_AGAIN', 'unknown', 'dns_unavailable'],
  ['EAI_FAIL', 'unknown', 'dns_unavailable'],
  ['EMFILE', 'unknown', 'local_resources'],
])('a lookup that ends with %s is %s: %s', (code, outcome, reason) => {
  expect(judgeLookupFailure('a.test', code, true)).toMatchObject({ outcome, reason });
});

test.each([
  [['ECONNREFUSED'], 'down', 'connect_refused'],
  [['ENETUNREACH'], 'unknown', 'network_unreachable'],
  [['ENETUNREACH', 'ECONNREFUSED'], 'down', 'connect_refused'],
  [['ETIMEDOUT'], 'down', 'connect_timeout'],
  [['EMFILE'], 'unknown', 'local_resources'],
  [['EADDRNOTAVAIL'], 'unknown', 'local_resources'],
  [['EPERM'], 'unknown', 'local_denied'],
  [['EHOSTUNREACH'], 'unknown', 'network_unreachable'],
  [['ESOMETHING'], 'unknown', 'internal_error'],
])('attempts that end with %s are %s: %s', (codes, outcome, reason) => {
  const attempts = codes.map((code) => ({ address: '192.0.2.1', code }));
  expect(judgeConnectFailure('a.test:80', attempts, () => false)).toMatchObject({ outcome, reason });
});

test('no route to a neighbour is the neighbour’s failure', () => {
  const verdict = judgeConnectFailure('nas:80', [{ address: '192.168.1.9', code: 'EHOSTUNREACH' }], () => true);
  expect(verdict).toMatchObject({ outcome: 'down', reason: 'host_unreachable' });
});

test('a neighbour is an address in a network of this machine', () => {
  const networks = [
    { address: '192.168.1.7', cidr: '192.168.1.7/24' },
    { address: 'fe80::1', cidr: 'fe80::1/64' },
  ];
  expect(isOnLink('192.168.1.200', networks)).toBe(true);
  expect(isOnLink('192.168.2.1', networks)).toBe(false);
  expect(isOnLink('fe80::99', networks)).toBe(true);
  expect(isOnLink('2001:db8::1', networks)).toBe(false);
});
