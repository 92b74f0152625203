import { type IncomingMessage, createServer } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { phaseNames, probe } from '../monitors.ts';
import { listenWith, serveDeaf, serveHttp, serveTcp, type TestServer } from '../servers.ts';
import { configure } from './configured.ts';
import { BRIEF, echo, network, serveWebSocket } from './subjects/websocket.ts';

async function look(server: TestServer, settings: object = {}, scheme = 'ws') {
  return probe(await configure({ websocket: `${scheme}://chat.test:${server.port}/`, ...settings }), network);
}

describe('the handshake', () => {
  test('carries headers, subprotocols and the trace, and TLS is a phase of its own', async () => {
    let seen: IncomingMessage['headers'] = {};
    const handleProtocols = (): string => 'chat.v2';
    await using server = await serveWebSocket((_socket, { headers }) => (seen = headers), {
      isSecure: true,
      handleProtocols,
    });
    const settings = { headers: { Origin: 'https://shop.example' }, subprotocols: ['chat.v1', 'chat.v2'] };
    const run = await look(server, settings, 'wss');
    expect(run.verdict).toMatchObject({ outcome: 'up' });
    expect(phaseNames(run)).toBe('resolve connect tls upgrade');
    expect(seen).toMatchObject({
      origin: 'https://shop.example',
      host: `chat.test:${server.port}`,
      'sec-websocket-protocol': 'chat.v1,chat.v2',
      traceparent: `00-${run.traceId}-${run.spanId}-01`,
    });
    expect(run.attributes).toMatchObject({
      'http.response.status_code': 101,
      'tocsin.probe.websocket.subprotocol': 'chat.v2',
      'tocsin.probe.websocket.close_code': 1_000,
      'tls.protocol.version': '1.3',
    });
    expect(run.tlsNotAfterUnixS).toBeGreaterThan(Date.now() / 1_000);
  });

  test('is refused with what the server says', async () => {
    await using server = await serveHttp((_request, response) =>
      response.writeHead(401, { 'www-authenticate': 'Bearer' }).end('log in first'),
    );
    const run = await look(server);
    expect(run.verdict.message).toContain('found status 401 with "log in first"');
    expect(run.evidence).toMatchObject({ body: 'log in first', 'header.www-authenticate': 'Bearer' });
  });

  test('without one of the subprotocols is not a WebSocket of ours', async () => {
    await using server = await serveWebSocket(() => {}, { handleProtocols: () => false });
    const run = await look(server, { subprotocols: 'chat.v1' });
    expect(run.verdict).toMatchObject({ outcome: 'down', reason: 'protocol_error' });
  });

  test('with a certificate for another name does not begin', async () => {
    await using server = await serveWebSocket(() => {}, { isSecure: true });
    const monitor = await configure({ websocket: `wss://other.test:${server.port}/` });
    expect((await probe(monitor, network)).verdict.reason).toBe('tls_hostname_mismatch');
  });

  test('that is slow is told as the phase that is slow', async () => {
    await using server = await serveWebSocket(() => {}, {
      verifyClient: (_info, callback) => void sleep(80).then(() => callback(true)),
    });
    const run = await look(server);
    const slow = run.phases.find(({ name }) => name === 'upgrade');
    expect(slow?.durationMs).toBeGreaterThan(75);
    expect(slow?.durationMs).toBeLessThan(150);
  });

  test('goes through a proxy by a tunnel, and a proxy that is away is our own trouble', async () => {
    await using server = await serveWebSocket(echo);
    const asked: string[] = [];
    const http = createServer().on('connect', ({ url = '' }, socket) => {
      asked.push(url);
      const upstream = connect(server.port, '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
      upstream.pipe(socket).pipe(upstream);
      for (const each of [socket, upstream]) each.on('error', () => {});
    });
    await using proxy = await listenWith(http, 'http');
    const settings = { proxy: proxy.url, send: 'x', expect: { message_contains: 'x' } };
    expect((await look(server, settings)).verdict).toMatchObject({ outcome: 'up' });
    expect(asked).toEqual([`chat.test:${server.port}`]);
    await using deaf = await serveDeaf();
    const away = await look(server, { proxy: deaf.url, ...BRIEF });
    expect(away.verdict).toMatchObject({ outcome: 'unknown', reason: 'proxy_failed' });
  });
});

describe('messages', () => {
  test('are taken until one is as expected, by text, pattern and JSONPath, and one at once is not lost', async () => {
    await using server = await serveWebSocket((socket) => {
      for (const type of ['hello', 'ping', 'ack']) socket.send(Buffer.from(JSON.stringify({ type, id: 7 })));
    });
    const expected = { json: { path: '$.type', equals: 'ack' }, message_matches: '"id":\\d' };
    const run = await look(server, { expect: expected });
    expect(run.verdict.message).toMatch(/^message 3 was as expected/);
    expect(phaseNames(run)).toBe('resolve connect upgrade dialogue');
  });

  test('of which none will do are told by the nearest, with how it ended', async () => {
    await using server = await serveWebSocket((socket) => {
      socket.send('{"state":"slow"}');
      socket.send('{"state":"off"}');
      socket.close(1008, 'that is all');
    });
    const expected = [
      { json: { path: '$.state', not_equals: 'off' } },
      { json: { path: '$.state', equals: 'good' }, severity: 'degraded' },
    ];
    const { verdict, attributes } = await look(server, { expect: expected });
    expect(verdict).toMatchObject({ outcome: 'degraded', reason: 'dialogue_mismatch' });
    expect(verdict.message).toBe(
      'expected $.state of a message to be "good", found "slow" (none of 2 messages was until the connection closed (code 1008 "that is all"))',
    );
    expect(attributes['tocsin.probe.websocket.close_code']).toBe(1_008);
  });

  test('longer than allowed and without end are cut', async () => {
    await using server = await serveWebSocket((socket) => void socket.send('x'.repeat(2_000)));
    const long = await look(server, { max_message: '1KiB', expect: { message_contains: 'y' } });
    expect(long.verdict).toMatchObject({ reason: 'dialogue_mismatch' });
    expect(long.verdict.message).toContain('at most 1024 bytes');
    await using flood = await serveWebSocket((socket) => {
      for (let count = 0; count < 1_200; count += 1) socket.send('x');
    });
    const { verdict } = await look(flood, { expect: { message_contains: 'y' } });
    expect(verdict.message).toContain('there were 1000 messages');
  });

  test('no pattern can hang the checker', async () => {
    await using server = await serveWebSocket((socket) => void socket.send(`${'a'.repeat(20_000)}!`));
    const run = await look(server, { expect: { message_matches: '^(a+)+$' }, timeout: '1s' });
    expect(run.verdict.reason).toBe('dialogue_mismatch');
    expect(run.durationMs).toBeLessThan(2_500);
  });
});

test('a server that does not answer the closing handshake is left after a second, and is up', async () => {
  await using server = await serveTcp((socket) => {
    socket.once('data', (bytes: Buffer) => {
      const key = /Sec-WebSocket-Key: (\S+)/i.exec(bytes.toString())?.[1] ?? '';
      void crypto.subtle
        .digest('SHA-1', new TextEncoder().encode(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`))
        .then((hash) =>
          socket.write(
            `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${Buffer.from(hash).toString('base64')}\r\n\r\n`,
          ),
        );
    });
  });
  const run = await look(server);
  expect(run.verdict.outcome).toBe('up');
  expect(run.attributes['tocsin.probe.websocket.close_code']).toBe(1_006);
  expect(run.durationMs).toBeGreaterThan(950);
  expect(run.durationMs).toBeLessThan(2_500);
});
