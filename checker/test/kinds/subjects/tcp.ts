import type { Socket } from 'node:net';
import { makeCertificate } from '../../certificates.ts';
import { makeNetwork } from '../../monitors.ts';
import { findClosedPort, serveDeaf, serveTcp } from '../../servers.ts';
import { configure } from '../configured.ts';
import { nobody, targetAt } from '../targets.ts';
import type { ContractSubject } from '../contract.ts';

const BRIEF = { timeout: '200ms' };
export const ca = makeCertificate({ name: 'test ca', authority: true });
export const good = makeCertificate({ name: 'good', hosts: ['mail.test', '127.0.0.1'], issuer: ca });
export const network = makeNetwork({ ca: ca.cert });
const tcp = await configure({ tcp: 'mail.test:9' });

export const greeting = (socket: Socket): boolean => socket.resume().write('220 mail.test ESMTP\r\n');

/** What kind tcp brings to the contract of all kinds. */
export const tcpSubject: ContractSubject<'tcp'> = {
  kind: 'tcp',
  async up() {
    const server = await serveTcp(greeting);
    return targetAt(server, await configure({ tcp: `mail.test:${server.port}`, dialogue: [{ expect: '^220 ' }] }));
  },
  down: [
    ['connect_refused', async () => targetAt(nobody, await configure({ tcp: `127.0.0.1:${await findClosedPort()}` }))],
    [
      'dialogue_mismatch',
      async () => {
        const server = await serveTcp((socket) => socket.end('554 go away\r\n'));
        return targetAt(server, await configure({ tcp: `127.0.0.1:${server.port}`, dialogue: [{ expect: '^220 ' }] }));
      },
    ],
    [
      'connection_closed',
      async () => {
        const server = await serveTcp((socket) => socket.end());
        return targetAt(server, await configure({ tcp: `127.0.0.1:${server.port}`, dialogue: [{ expect: '^220 ' }] }));
      },
    ],
    [
      'reset',
      async () => {
        const server = await serveTcp((socket) => socket.once('data', () => socket.resetAndDestroy()));
        const dialogue = [{ send: 'PING\r\n', expect: 'PONG' }];
        return targetAt(server, await configure({ tcp: `127.0.0.1:${server.port}`, dialogue }));
      },
    ],
    [
      'protocol_error',
      async () => {
        const server = await serveTcp((socket) => socket.write('SSH-2.0-OpenSSH\r\n220 late\r\n'));
        const server2 = await configure({ tcp: `127.0.0.1:${server.port}`, starttls: 'imap' });
        return targetAt(server, server2);
      },
    ],
  ],
  hanging: [
    [
      'never speaks',
      async () => {
        const server = await serveTcp((socket) => socket.resume());
        const dialogue = [{ expect: '.' }];
        return targetAt(server, await configure({ tcp: `127.0.0.1:${server.port}`, dialogue, ...BRIEF }));
      },
    ],
    [
      'never accepts',
      async () => {
        const server = await serveDeaf();
        return targetAt(server, await configure({ tcp: `127.0.0.1:${server.port}`, ...BRIEF }));
      },
    ],
    [
      'never says whether it begins TLS',
      async () => {
        const server = await serveTcp(greeting);
        return targetAt(server, await configure({ tcp: `127.0.0.1:${server.port}`, starttls: 'smtp', ...BRIEF }));
      },
    ],
    [
      'never shakes hands',
      async () => {
        const server = await serveTcp((socket) => socket.resume());
        return targetAt(server, await configure({ tcp: `127.0.0.1:${server.port}`, tls: true, ...BRIEF }));
      },
    ],
  ],
  atHost: (host) => ({ ...tcp, ...(tcp.kind === 'tcp' ? { tcp: { host, port: 9 } } : {}) }),
};
