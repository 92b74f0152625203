import { type IncomingMessage, createServer } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import { makeCertificate } from '../../certificates.ts';
import { makeNetwork } from '../../monitors.ts';
import { findClosedPort, listenWith, serveDeaf, serveHttp, serveTcp, type TestServer } from '../../servers.ts';
import { configure } from '../configured.ts';
import { nobody, targetAt } from '../targets.ts';
import type { ContractSubject } from '../contract.ts';

const ca = makeCertificate({ name: 'ca', authority: true });
const good = makeCertificate({ name: 'chat', hosts: ['chat.test'], issuer: ca });
export const network = makeNetwork({ ca: ca.cert });
export const BRIEF = { timeout: '200ms' };

/** A real WebSocket server on loopback. */
export async function serveWebSocket(
  onSocket: (socket: WebSocket, request: IncomingMessage) => void,
  { isSecure = false, ...options }: ServerOptions & { isSecure?: boolean } = {},
): Promise<TestServer> {
  const http = isSecure ? createHttps({ cert: good.cert, key: good.key }) : createServer();
  const server = new WebSocketServer({ server: http, ...options });
  server.on('connection', (socket, request) => {
    socket.on('error', () => {});
    onSocket(socket, request);
  });
  return listenWith(http, isSecure ? 'wss' : 'ws');
}

export const echo = (socket: WebSocket): unknown =>
  socket.on('message', (data: Buffer) => socket.send(`you said ${data.toString()}`));
const target =
  (onSocket: (socket: WebSocket, request: IncomingMessage) => void, settings: object = {}) =>
  async () => {
    const server = await serveWebSocket(onSocket);
    return targetAt(server, await configure({ websocket: `ws://chat.test:${server.port}/a`, ...settings }));
  };
const base = await configure({ websocket: 'ws://chat.test:9/' });

/** What kind websocket brings to the contract of all kinds. */
export const websocketSubject: ContractSubject<'websocket'> = {
  kind: 'websocket',
  up: target(echo, { send: 'hello', expect: { message_contains: 'you said hello' } }),
  down: [
    ['dialogue_mismatch', target(echo, { send: 'a', expect: { message_contains: 'b' }, ...BRIEF })],
    ['connection_closed', target((socket) => socket.close(1011, 'busy'), { expect: { message_contains: 'b' } })],
    [
      'status_mismatch',
      async () => {
        const server = await serveHttp((_request, response) => response.writeHead(403).end('who are you'));
        return targetAt(server, await configure({ websocket: `ws://127.0.0.1:${server.port}/` }));
      },
    ],
    [
      'protocol_error',
      async () => {
        const server = await serveTcp((socket) => socket.resume().write('SSH-2.0-OpenSSH\r\n'));
        return targetAt(server, await configure({ websocket: `ws://127.0.0.1:${server.port}/` }));
      },
    ],
    [
      'reset',
      async () => {
        const server = await serveTcp((socket) => socket.once('data', () => socket.resetAndDestroy()));
        return targetAt(server, await configure({ websocket: `ws://127.0.0.1:${server.port}/` }));
      },
    ],
    [
      'connect_refused',
      async () => targetAt(nobody, await configure({ websocket: `ws://127.0.0.1:${await findClosedPort()}/` })),
    ],
  ],
  hanging: [
    ['never says anything', target(() => {}, { expect: { message_contains: 'b' }, ...BRIEF })],
    [
      'never answers the handshake',
      async () => {
        const server = await serveTcp((socket) => socket.resume());
        return targetAt(server, await configure({ websocket: `ws://127.0.0.1:${server.port}/`, ...BRIEF }));
      },
    ],
    [
      'never ends its refusal',
      async () => {
        const server = await serveHttp((_request, response) => response.writeHead(503).write('wait'));
        return targetAt(server, await configure({ websocket: `ws://127.0.0.1:${server.port}/`, ...BRIEF }));
      },
    ],
    [
      'never accepts',
      async () => {
        const server = await serveDeaf();
        return targetAt(server, await configure({ websocket: `ws://127.0.0.1:${server.port}/`, ...BRIEF }));
      },
    ],
    [
      'never shakes hands',
      async () => {
        const server = await serveTcp((socket) => socket.resume());
        return targetAt(server, await configure({ websocket: `wss://127.0.0.1:${server.port}/`, ...BRIEF }));
      },
    ],
  ],
  atHost: (host) => ({ ...base, ...(base.kind === 'websocket' ? { url: `ws://${host}:9/` } : {}) }),
  leaking: [
    ['tok-12345', 's3cret-pass'],
    async () => {
      const server = await serveWebSocket((socket, { headers }) =>
        socket.send(
          `${headers.authorization} ${headers['x-token']?.toString()} ${atob(headers.authorization?.slice(6) ?? '')}`,
        ),
      );
      return targetAt(
        server,
        await configure({
          websocket: `ws://me:s3cret-pass@127.0.0.1:${server.port}/`,
          headers: { 'X-Token': 'tok-12345' },
          expect: { message_contains: 'fine' },
          ...BRIEF,
        }),
      );
    },
  ],
};
