import { makeMonitor } from '../../monitors.ts';
import { findClosedPort, serveDeaf, serveHttp, serveTcp } from '../../servers.ts';
import type { ContractSubject } from '../contract.ts';
import { nobody, targetAt } from '../targets.ts';

const BRIEF = { timeoutMs: 200 };

/** What kind http brings to the contract of all kinds. */
export const httpSubject: ContractSubject<'http'> = {
  kind: 'http',
  async up() {
    const server = await serveHttp((_request, response) => response.end('ok'));
    return targetAt(server, makeMonitor(`http://shop.test:${server.port}/`));
  },
  down: [
    [
      'status_mismatch',
      async () => {
        const server = await serveHttp((_request, response) => response.writeHead(500).end('broken'));
        return targetAt(server, makeMonitor(server.url));
      },
    ],
    ['connect_refused', async () => targetAt(nobody, makeMonitor(`http://127.0.0.1:${await findClosedPort()}/`))],
    [
      'reset',
      async () => {
        const server = await serveTcp((socket) => socket.once('data', () => socket.resetAndDestroy()));
        return targetAt(server, makeMonitor(server.url));
      },
    ],
  ],
  hanging: [
    [
      'never answers',
      async () => {
        const server = await serveHttp(() => {});
        return targetAt(server, makeMonitor(server.url, BRIEF));
      },
    ],
    [
      'never accepts a connection',
      async () => {
        const server = await serveDeaf();
        return targetAt(server, makeMonitor(server.url, BRIEF));
      },
    ],
    [
      'never shakes hands',
      async () => {
        const server = await serveTcp((socket) => socket.resume());
        return targetAt(server, makeMonitor(server.url.replace('http', 'https'), BRIEF));
      },
    ],
    [
      'never ends its body',
      async () => {
        const server = await serveHttp((_request, response) => response.write('half of'));
        return targetAt(server, makeMonitor(server.url, BRIEF));
      },
    ],
  ],
  atHost: (host) => makeMonitor(`http://${host}:9/`),
  leaking: [
    ['tok-12345', 'key-67890', 'pass-word', 'query-secret'],
    async () => {
      const server = await serveHttp((request, response) => {
        response.writeHead(500).end(JSON.stringify({ url: request.url, ...request.headers }));
      });
      const url = `http://ann:pass-word@127.0.0.1:${server.port}/x?api_key=query-secret&page=2`;
      const headers = { Authorization: 'Bearer tok-12345', 'X-Api-Key': 'key-67890' };
      return targetAt(server, makeMonitor(url, { headers, status: [500], bodyContains: ['never there'] }));
    },
  ],
};
