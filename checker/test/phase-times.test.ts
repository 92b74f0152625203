import { execFileSync } from 'node:child_process';
import { constants, openSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttp2, type ServerHttp2Stream } from 'node:http2';
import { connect, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { makeCertificate } from './certificates.ts';
import { configure } from './kinds/configured.ts';
import type { ContractTarget } from './kinds/contract.ts';
import { serveDns, serveDot } from './kinds/dns-server.ts';
import { serveTls, targetAt } from './kinds/targets.ts';
import { makeNetwork, probe } from './monitors.ts';
import {
  EXACT_MS,
  measureDifferences,
  measureRuns,
  ServerClock,
  serveLateHandshake,
  tellDifferences,
} from './phase-times.ts';
import { listenWith, serveHttp, serveHttp2, serveTcp, type TestServer } from './servers.ts';

const ca = makeCertificate({ name: 'ca', authority: true });
const good = makeCertificate({ name: 'good', hosts: ['127.0.0.1', 'shop.test'], issuer: ca });
const network = makeNetwork({ ca: ca.cert });
const folder = await mkdtemp(join(tmpdir(), 'tocsin-times-'));
afterAll(() => rm(folder, { recursive: true }));

/** Several servers that end together, the first one first. */
function together(...servers: readonly AsyncDisposable[]): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      for (const server of servers) await server[Symbol.asyncDispose]();
    },
  };
}

/** Answers each message of the client after its delay. */
const inTurns =
  (
    clock: ServerClock,
    turns: readonly (readonly [phase: string, ms: number, answer: string | Buffer])[],
    greets = false,
  ) =>
  (socket: Socket): void => {
    const left = [...turns];
    const answer = async (): Promise<void> => {
      const [phase, ms, said] = left.shift() ?? [];
      if (phase === undefined || ms === undefined || said === undefined) return;
      await clock.delay(phase, ms);
      socket.write(said);
    };
    socket.on('data', () => void answer());
    if (greets) void answer();
  };

/** A fatal alert, handshake_failure: how a handshake ends that is told "no" (RFC 8446, section 6). */
const ALERT = Buffer.from([21, 3, 3, 0, 2, 2, 40]);
const RECORD = { type: 'A', name: 'shop.test', ttl: 60, data: '192.0.2.1' } as const;

const TARGETS: Readonly<Record<string, (clock: ServerClock) => Promise<ContractTarget>>> = {
  async 'tcp, resolve and dialogue'(clock) {
    const turns = [
      ['dialogue', 30, '220 a\r\n'],
      ['dialogue', 45, '250 b\r\n'],
    ] as const;
    const server = await serveTcp(inTurns(clock, turns, true));
    const dialogue = [{ expect: '^220' }, { send: 'HELO\r\n', expect: '^250' }];
    const slow = {
      ...network,
      async lookup() {
        await clock.delay('resolve', 40);
        return [{ address: '127.0.0.1', family: 4 }];
      },
    };
    return targetAt(server, await configure({ tcp: `shop.test:${server.port}`, dialogue }), slow);
  },
  async 'tcp, STARTTLS and a handshake that is refused'(clock) {
    const turns = [
      ['starttls', 20, '220 mail\r\n'],
      ['starttls', 35, '250-mail\r\n250 STARTTLS\r\n'],
      ['starttls', 25, '220 go on\r\n'],
      ['tls', 50, ALERT],
    ] as const;
    const server = await serveTcp(inTurns(clock, turns, true));
    return targetAt(server, await configure({ tcp: `127.0.0.1:${server.port}`, starttls: 'smtp' }));
  },
  async 'tcp, a whole handshake and dialogue'(clock) {
    const server = await serveTls({ cert: good.cert, key: good.key }, (socket) => {
      socket.on('data', () => void sleep(40).then(() => socket.write('PONG\r\n')));
    });
    const late = await serveLateHandshake(server, clock, 60, 'dialogue');
    const dialogue = [{ send: 'PING\r\n', expect: 'PONG' }];
    const monitor = await configure({ tcp: `127.0.0.1:${late.port}`, tls: true, dialogue });
    return targetAt(together(late, server), monitor, network);
  },
  async tls(clock) {
    const server = await serveTls({ cert: good.cert, key: good.key }, () => {});
    const late = await serveLateHandshake(server, clock, 70);
    return targetAt(together(late, server), await configure({ tls: `127.0.0.1:${late.port}` }), network);
  },
  async 'dns over UDP'(clock) {
    const server = await serveDns(
      () => [RECORD],
      () => clock.delay('request', 50),
    );
    return targetAt(server, await configure({ dns: 'shop.test', server: `127.0.0.1:${server.port}` }));
  },
  async 'dns over TCP, asked again because it does not fit'(clock) {
    const reply = (_query: unknown, over: string) => (over === 'udp' ? { flags: 0x280, answers: [] } : [RECORD]);
    const server = await serveDns(reply, (over) => clock.delay('request', over === 'udp' ? 25 : 45));
    return targetAt(server, await configure({ dns: 'shop.test', server: `127.0.0.1:${server.port}` }));
  },
  async 'dns over TLS'(clock) {
    const server = await serveDot(
      good,
      () => [RECORD],
      () => sleep(40),
    );
    const late = await serveLateHandshake(server, clock, 55, 'request');
    const settings = { dns: 'shop.test', server: `127.0.0.1:${late.port}`, transport: 'tls' };
    return targetAt(together(late, server), await configure(settings), network);
  },
  async grpc(clock) {
    const server = createHttp2();
    server.on('sessionError', () => {});
    server.on('stream', (stream: ServerHttp2Stream) => {
      stream.on('error', () => {});
      void clock.delay('request', 60).then(() => {
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
        stream.end(Buffer.from([0, 0, 0, 0, 2, 8, 1]));
      });
    });
    const listening = await listenWith(server, 'grpc');
    return targetAt(listening, await configure({ grpc: `127.0.0.1:${listening.port}` }));
  },
  async 'websocket, upgrade and dialogue'(clock) {
    const http = createHttp();
    new WebSocketServer({
      server: http,
      verifyClient: (_info, callback) => void clock.delay('upgrade', 45).then(() => callback(true)),
    }).on('connection', (socket) => {
      const say = async (): Promise<void> => {
        await clock.delay('dialogue', 30);
        socket.send('one');
        await clock.delay('dialogue', 35);
        socket.send('two');
      };
      socket.on('message', () => void say());
    });
    const server = await listenWith(http, 'ws');
    const settings = { websocket: server.url, send: 'a', expect: { message_contains: 'two' } };
    return targetAt(server, await configure(settings));
  },
  async 'domain, over a redirect'(clock) {
    const said = { objectClassName: 'domain', ldhName: 'example.com', events: [], status: [] };
    const expiration = { eventAction: 'expiration', eventDate: new Date(Date.now() + 9e9).toISOString() };
    const text = JSON.stringify({ ...said, events: [expiration] });
    const server = await serveHttp(async ({ url }, response) => {
      await clock.delay('request', 30);
      if (url?.startsWith('/old')) return response.writeHead(302, { location: '/new/domain/example.com' }).end();
      response.writeHead(200).write(text.slice(0, 20));
      await clock.delay('transfer', 50);
      return response.end(text.slice(20));
    });
    return targetAt(server, await configure({ domain: 'example.com', rdap_server: `${server.url}/old/` }));
  },
  async 'flow, step by step'(clock) {
    const server = await serveHttp(async ({ url = '' }, response) => {
      const hop = url === '/0' ? '' : ` ${url.slice(1)}`;
      await clock.delay(`request${hop}`, 20 + 20 * Number(url.slice(1)));
      response.writeHead(200).write('a');
      await clock.delay(`transfer${hop}`, 60 - 20 * Number(url.slice(1)));
      response.end('b');
    });
    const flow = [0, 1, 2].map((step) => ({ step: `s${step}`, http: `${server.url}/${step}` }));
    return targetAt(server, await configure({ flow }));
  },
  async 'http/2 over TLS'(clock) {
    const server = await serveHttp2(good, async (_request, response) => {
      await clock.delay('request', 40);
      response.writeHead(200);
      response.write('a');
      await clock.delay('transfer', 55);
      response.end('b');
    });
    const late = await serveLateHandshake(server, clock, 45);
    const settings = { http: `https://127.0.0.1:${late.port}/`, version: '2' };
    return targetAt(together(late, server), await configure(settings), network);
  },
  async 'http by a proxy that forwards'(clock) {
    const proxy = await serveHttp(async (_request, response) => {
      await clock.delay('request', 50);
      response.end('ok');
    });
    return targetAt(proxy, await configure({ http: 'http://shop.test/', proxy: proxy.url }), network);
  },
  async 'https by a proxy’s tunnel'(clock) {
    const server: TestServer = await serveTls({ cert: good.cert, key: good.key }, (socket) => {
      socket.on(
        'data',
        () => void clock.delay('request', 35).then(() => socket.end('HTTP/1.1 204 No Content\r\n\r\n')),
      );
    });
    const late = await serveLateHandshake(server, clock, 40);
    const http = createHttp().on('connect', (_request, socket: Socket) => {
      void clock.delay('connect', 55).then(() => {
        const upstream = connect(late.port, '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
        upstream
          .on('error', () => {})
          .pipe(socket)
          .on('error', () => {})
          .pipe(upstream);
      });
    });
    const proxy = await listenWith(http, 'http');
    const settings = { http: 'https://shop.test/', proxy: proxy.url, version: '1.1' };
    return targetAt(together(proxy, late, server), await configure(settings), network);
  },
};

test.each(Object.entries(TARGETS))(
  '%s: every phase agrees with the server’s clock within 5 ms, in the median of its runs',
  async (name, make) => {
    const clock = new ServerClock();
    await using target = await make(clock);
    const found = await measureDifferences(target, clock);
    tellDifferences(name, found);
    expect(found.phases.size).toBeGreaterThan(0);
    expect(found.medianMs, `${found.worst.join(', ')}: ${found.offMs.join(' ')}`).toBeLessThan(EXACT_MS);
  },
);

test('icmp: the phase agrees with the life of the program that pings within 5 ms, in the median of its runs', async () => {
  const program = join(folder, 'ping');
  // It says through this when it begins and ends: without starting further programs, and heard by the clock that the checker looks at.
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const heardMs: number[] = [];
  const socket = new Socket({ fd: openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK) });
  socket.on('data', (bytes: Buffer) => bytes.forEach(() => heardMs.push(performance.now())));
  const script = `#!/bin/sh
printf b > ${pipe}
echo '64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=0.1 ms'
sleep 0.06
echo '64 bytes from 127.0.0.1: icmp_seq=2 ttl=64 time=0.1 ms'
printf e > ${pipe}
`;
  await writeFile(program, script);
  await chmod(program, 0o755);
  const monitor = await configure({ icmp: '127.0.0.1', count: 2 });
  const found = await measureRuns(async () => {
    heardMs.length = 0;
    const { phases } = await probe(monitor, { ...network, pingProgram: program });
    const tookMs = phases.find(({ name }) => name === 'ping')?.durationMs ?? Infinity;
    await expect.poll(() => heardMs.length).toBe(2);
    return Math.abs(tookMs - ((heardMs[1] ?? NaN) - (heardMs[0] ?? NaN)));
  });
  socket.destroy();
  tellDifferences('icmp', found);
  expect(found.medianMs, found.offMs.join(' ')).toBeLessThan(EXACT_MS);
});
