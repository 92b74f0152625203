import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { makeCertificate } from './certificates.ts';
import { makeMonitor, makeNetwork, probe } from './monitors.ts';
import { serveHttp, serveHttps, serveTcp } from './servers.ts';

test('a server that speaks only TLS 1.1 is down, and says why', async () => {
  const made = makeCertificate({ name: 'old', hosts: ['shop.test'], authority: true });
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  await using server = await serveHttps(made, (_request, response) => response.end(), old);
  const { verdict } = await probe(makeMonitor(`https://shop.test:${server.port}/`), makeNetwork({ ca: made.cert }));
  expect(verdict.outcome).toBe('down');
  expect(verdict.reason).toMatch(/^tls_/);
  expect(verdict.message).toMatch(/^expected .*TLS.*found/);
});

test('a certificate over a key that is too short is down, and the checker does not fall over', async () => {
  const made = makeCertificate({
    name: 'weak',
    hosts: ['shop.test'],
    authority: true,
    keys: generateKeyPairSync('rsa', { modulusLength: 1024 }),
  });
  const weak = { ciphers: 'DEFAULT@SECLEVEL=0' };
  await using server = await serveHttps(made, (_request, response) => response.end(), weak);
  const { verdict } = await probe(makeMonitor(`https://shop.test:${server.port}/`), makeNetwork({ ca: made.cert }));
  expect(verdict.outcome).toBe('down');
  expect(verdict.reason).toMatch(/^tls_/);
});

test('a body that is not decompressed is judged as it came', async () => {
  await using server = await serveHttp((_request, response) => {
    response.setHeader('content-encoding', 'gzip').end('plain after all');
  });
  const parts = { bodyContains: ['plain after'], decompress: false };
  expect((await probe(makeMonitor(server.url, parts))).verdict.outcome).toBe('up');
});

test.each([
  ['a 204 with a body', 'HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\nbody', 'up'],
  ['a 304 without one', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n', 'down'],
  ['more than its length', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokay and more', 'up'],
  [
    'a hundred interim responses',
    `${'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100)}HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n`,
    'up',
  ],
  ['a length below zero', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n', 'down'],
  ['a chunk that is none', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 'down'],
  ['a status that is none', 'HTTP/1.1 99 Odd\r\nContent-Length: 0\r\n\r\n', 'down'],
])('%s is taken for what it is', async (_name, answer, outcome) => {
  await using server = await serveTcp((socket) => socket.once('data', () => socket.end(answer)));
  expect((await probe(makeMonitor(server.url, { timeoutMs: 2_000 }))).verdict.outcome).toBe(outcome);
});

test('a redirect whose location is UTF-8 that nobody has encoded leads where browsers go', async () => {
  const asked: string[] = [];
  await using server = await serveTcp((socket) =>
    socket.once('data', (bytes: Buffer) => {
      asked.push(/^GET (\S+)/.exec(bytes.toString('latin1'))?.[1] ?? '');
      const isFirst = asked.length === 1;
      const head = isFirst ? '302 Found\r\nLocation: /caf\u00e9/\u043c' : '200 OK';
      socket.end(`HTTP/1.1 ${head}\r\nContent-Length: 0\r\n\r\n`);
    }),
  );
  const run = await probe(makeMonitor(`${server.url}/`));
  expect(run.verdict.outcome).toBe('up');
  expect(asked).toEqual(['/', '/caf%C3%A9/%D0%BC']);
  expect(run.hops?.[0]?.attributes['http.response.header.location']).toBe(`${server.url}/caf%C3%A9/%D0%BC`);
});

test('what is not HTTP is told with what the parser missed', async () => {
  await using server = await serveTcp((socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\nA: b\n\n')));
  const { verdict } = await probe(makeMonitor(server.url));
  expect(verdict.reason).toBe('protocol_error');
  expect(verdict.message).toContain('(Missing expected CR after response line)');
});

test('a body that was not read is no evidence', async () => {
  await using server = await serveHttp((_request, response) => response.writeHead(302, { location: 'ftp://x' }).end());
  expect((await probe(makeMonitor(server.url))).evidence).not.toHaveProperty('body');
});
