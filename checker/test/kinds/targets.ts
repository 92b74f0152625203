import { createServer, type Server as TlsServer, type TlsOptions } from 'node:tls';
import type { AddressInfo, Socket } from 'node:net';
import type { Monitor } from '@tocsin/service/config';
import type { Network } from '../../src/kinds/kind.ts';
import type { TestServer } from '../servers.ts';
import type { ContractTarget } from './contract.ts';

/** A target from a server and what its monitor is. */
export function targetAt(server: AsyncDisposable, monitor: Monitor, network?: Network): ContractTarget {
  return {
    monitor,
    ...(network === undefined ? {} : { network }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** A server that there is not. */
export const nobody: AsyncDisposable = { [Symbol.asyncDispose]: () => Promise.resolve() };

/** Serves TLS on loopback. */
export async function serveTls(options: TlsOptions, onConnection: (socket: Socket) => void): Promise<TestServer> {
  const sockets = new Set<Socket>();
  const server: TlsServer = createServer(options, (socket) => {
    socket.on('error', () => {});
    onConnection(socket);
  });
  server.on('tlsClientError', () => {});
  server.on('connection', (socket: Socket) => {
    socket.on('error', () => {});
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `https://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
