import { once } from 'node:events';
import { createServer, request as ask } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands before ClickHouse and counts its statements. */
export interface CountingProxy {
  readonly url: string;
  /** The statements that came, in their order. */
  readonly statements: string[];
  /** From now on connections are ended without an answer; `'hang'`: never answered. */
  mode: 'pass' | 'away' | 'hang';
  stop(): Promise<void>;
}

/** @param target with user and password, as `TestClickHouse.url` */
export async function startCountingProxy(target: string): Promise<CountingProxy> {
  const { hostname, port, username, password } = new URL(target);
  const server = createServer((request, response) => {
    void (async () => {
      const body = Buffer.concat((await request.toArray()) as Buffer[]);
      if (request.method === 'POST') proxy.statements.push(body.toString());
      if (proxy.mode === 'hang') return;
      if (proxy.mode === 'away') return void request.socket.destroy();
      const { method, url: path, headers } = request;
      const forwarded = ask({ host: hostname, port, method, path, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      forwarded.on('error', () => request.socket.destroy());
      forwarded.end(body);
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: CountingProxy = {
    url: `http://${username}:${password}@127.0.0.1:${(server.address() as AddressInfo).port}`,
    statements: [],
    mode: 'pass',
    stop: async () => {
      server.closeAllConnections();
      server.close();
      if (server.listening) await once(server, 'close');
    },
  };
  return proxy;
}
