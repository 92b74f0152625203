import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import {
  createPublicServer,
  isKnownHost,
  type PublicLimits,
  type PublicServer,
} from '../../src/status/public-server.ts';

let server: PublicServer | undefined;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server?.stop();
  server = undefined;
});

async function start(limits: Partial<PublicLimits>, body = Buffer.from('page')): Promise<number> {
  server = createPublicServer({
    address: { host: '127.0.0.1', port: 0 },
    hosts: () => [],
    answer: () => Promise.resolve({ status: 200, headers: { 'content-length': String(body.byteLength) }, body }),
    log: { error: () => undefined },
    limits,
  });
  return Number(new URL(await server.listen()).port);
}

function open(port: number): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  sockets.push(socket);
  return socket;
}

/** What the server says until it closes the connection. */
async function readAll(socket: Socket): Promise<string> {
  const said: Buffer[] = [];
  socket.on('data', (part: Buffer) => said.push(part));
  await once(socket, 'close');
  return Buffer.concat(said).toString();
}

test('headers that are too large are refused', async () => {
  const socket = open(await start({ headerBytes: 2_048 }));
  socket.write(`GET / HTTP/1.1\r\nHost: localhost\r\nX-Large: ${'x'.repeat(4_096)}\r\n\r\n`);
  expect(await readAll(socket)).toMatch(/^HTTP\/1\.1 431 /);
});

test('a request that does not arrive in time is ended', async () => {
  const socket = open(await start({ requestMs: 100 }));
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
  expect(await readAll(socket)).toMatch(/^HTTP\/1\.1 408 /);
});

test('who does not read an answer is cut off', async () => {
  const socket = open(await start({ answerMs: 100 }, Buffer.alloc(64 * 2 ** 20)));
  socket.pause();
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(socket, 'connect');
  await new Promise((resolve) => setTimeout(resolve, 400));
  socket.resume();
  const said = await readAll(socket);
  expect(said.length).toBeGreaterThan(0);
  expect(said.length).toBeLessThan(64 * 2 ** 20);
});

test('beyond the limit a connection is not taken, and others go on', async () => {
  const port = await start({ connections: 2 });
  const [first, second] = [open(port), open(port)];
  await Promise.all([once(first, 'connect'), once(second, 'connect')]);
  expect(await readAll(open(port))).toBe('');
  second.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  expect(await readAll(second)).toMatch(/^HTTP\/1\.1 200 OK[^]*page$/);
});

test('what is no HTTP gets a short answer', async () => {
  const socket = open(await start({}));
  socket.write('\u0016\u0003\u0001 hello\r\n\r\n');
  expect(await readAll(socket)).toBe('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
});

test.each([
  ['evil.test', '127.0.0.1', [], false],
  ['localhost:7603', '127.0.0.1', [], true],
  ['[::1]:7603', '::1', [], true],
  ['Status.Example:443', '127.0.0.1', ['status.example'], true],
  ['anything.test', '0.0.0.0', [], true],
  ['anything.test', '0.0.0.0', ['status.example'], false],
  ['192.0.2.7:7603', '0.0.0.0', ['status.example'], true],
  [undefined, '127.0.0.1', [], false],
])('the host %s on %s with the names %j: %s', (host, listen, names, isKnown) => {
  expect(isKnownHost(host, listen, names)).toBe(isKnown);
});
