import { once } from 'node:events';
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  createSecureServer as createSecureHttp2,
  createServer as createHttp2,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { createServer as createHttps, type ServerOptions } from 'node:https';
import { type AddressInfo, connect, createServer as createTcp, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { MadeCertificate } from './certificates.ts';

/** A server of a test. Stopped by `await using`. */
export interface TestServer extends AsyncDisposable {
  readonly port: number;
  /** `http://127.0.0.1:PORT` (or https). */
  readonly url: string;
}

/** Answers a request of a test. */
export type Answering = (request: IncomingMessage, response: ServerResponse) => unknown;

/** Serves HTTP on loopback. */
export function serveHttp(answer: Answering, port = 0): Promise<TestServer> {
  const server = createHttp((request, response) => void answer(request, response));
  return listenWith(server, 'http', port);
}

/** Serves HTTPS on loopback with a certificate. */
export function serveHttps(
  { cert, key }: MadeCertificate,
  answer: Answering,
  options: ServerOptions = {},
): Promise<TestServer> {
  const server = createHttps({ cert, key, ...options }, (request, response) => void answer(request, response));
  return listenWith(server, 'https');
}

/** Serves raw TCP on loopback: for everything a well-behaved server does not do. */
export function serveTcp(onConnection: (socket: Socket) => void, port = 0): Promise<TestServer> {
  const server = createTcp((socket) => {
    socket.on('error', () => {});
    onConnection(socket);
  });
  return listenWith(server, 'http', port);
}

/** Serves HTTP/2 on loopback: with a certificate by ALPN (HTTP/1.1 too, where allowed), without one by prior knowledge. */
export function serveHttp2(
  made: MadeCertificate | undefined,
  answer: (request: Http2ServerRequest, response: Http2ServerResponse) => unknown,
  allowHTTP1 = false,
): Promise<TestServer> {
  const server = made
    ? createSecureHttp2(
        { cert: made.cert, key: made.key, allowHTTP1 },
        (request, response) => void answer(request, response),
      )
    : createHttp2((request, response) => void answer(request, response));
  server.on('sessionError', () => {});
  return listenWith(server, made ? 'https' : 'http');
}

/** Listens on loopback; its connections are closed with it. */
export async function listenWith(server: Server, scheme: string, wantedPort = 0): Promise<TestServer> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(wantedPort, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `${scheme}://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A port of loopback where nobody listens. */
export async function findClosedPort(): Promise<number> {
  const server = await serveTcp(() => {});
  await server[Symbol.asyncDispose]();
  return server.port;
}

const DEAF = `
  const { createServer } = require('node:net');
  const { parentPort } = require('node:worker_threads');
  const server = createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
`;

/** A port of loopback whose server accepts nothing and whose queue is full: a connection there neither comes nor fails. */
export async function serveDeaf(): Promise<TestServer> {
  const worker = new Worker(DEAF, { eval: true });
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));
  // The kernel takes connections in the server's stead until its queue is full.
  const fillers: Socket[] = [];
  for (let taken = true; taken;) {
    const filler = connect(port, '127.0.0.1').on('error', () => {});
    fillers.push(filler);
    taken = await Promise.race([once(filler, 'connect').then(() => true), sleep(100, false)]);
  }
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      for (const filler of fillers) filler.destroy();
      await worker.terminate();
    },
  };
}
