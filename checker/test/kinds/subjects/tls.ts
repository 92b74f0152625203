import type { Socket } from 'node:net';
import type { ProbeRun } from '../../../src/probe.ts';
import { type CertificateOptions, makeCertificate, type MadeCertificate } from '../../certificates.ts';
import { makeNetwork, probe } from '../../monitors.ts';
import { findClosedPort, serveDeaf, serveTcp } from '../../servers.ts';
import { configure } from '../configured.ts';
import { nobody, serveTls, targetAt } from '../targets.ts';
import type { ContractSubject } from '../contract.ts';

export const DAY_MS = 86_400_000;
export const ca = makeCertificate({ name: 'test ca', authority: true, notAfter: new Date(Date.now() + 400 * DAY_MS) });
export const network = makeNetwork({ ca: ca.cert });
export const sign = (options: Partial<CertificateOptions> = {}): MadeCertificate =>
  makeCertificate({ name: 'shop', hosts: ['shop.test', '127.0.0.1'], issuer: ca, ...options });
export const good = sign();
const BRIEF = { timeout: '200ms' };
export const silent = (socket: Socket): unknown => socket.resume();
const tls = await configure({ tls: 'shop.test:9' });

export async function look(
  certificate: MadeCertificate,
  settings: object = {},
  server: object = {},
): Promise<ProbeRun> {
  await using target = await serveTls({ cert: certificate.cert, key: certificate.key, ...server }, silent);
  return await probe(await configure({ tls: `shop.test:${target.port}`, ...settings }), network);
}

const broken = (reason: 'tls_expired' | 'tls_hostname_mismatch' | 'tls_self_signed', certificate: MadeCertificate) =>
  [
    reason,
    async () => {
      const server = await serveTls({ cert: certificate.cert, key: certificate.key }, silent);
      return targetAt(server, await configure({ tls: `shop.test:${server.port}` }), network);
    },
  ] as const;

/** What kind tls brings to the contract of all kinds. */
export const tlsSubject: ContractSubject<'tls'> = {
  kind: 'tls',
  async up() {
    const server = await serveTls({ cert: good.cert, key: good.key }, silent);
    return targetAt(server, await configure({ tls: `shop.test:${server.port}` }), network);
  },
  down: [
    ['connect_refused', async () => targetAt(nobody, await configure({ tls: `127.0.0.1:${await findClosedPort()}` }))],
    broken(
      'tls_expired',
      sign({ notAfter: new Date(Date.now() - DAY_MS), notBefore: new Date(Date.now() - 9 * DAY_MS) }),
    ),
    broken('tls_hostname_mismatch', sign({ hosts: ['other.test'] })),
    broken('tls_self_signed', makeCertificate({ name: 'self', hosts: ['shop.test'] })),
    [
      'tls_handshake_failed',
      async () => {
        const server = await serveTcp((socket) => socket.resume().write('HTTP/1.1 400 Bad Request\r\n\r\n'));
        return targetAt(server, await configure({ tls: `127.0.0.1:${server.port}` }));
      },
    ],
    [
      'reset',
      async () => {
        const server = await serveTcp((socket) => socket.once('data', () => socket.resetAndDestroy()));
        return targetAt(server, await configure({ tls: `127.0.0.1:${server.port}` }));
      },
    ],
  ],
  hanging: [
    [
      'never shakes hands',
      async () => {
        const server = await serveTcp(silent);
        return targetAt(server, await configure({ tls: `127.0.0.1:${server.port}`, ...BRIEF }));
      },
    ],
    [
      'never accepts',
      async () => {
        const server = await serveDeaf();
        return targetAt(server, await configure({ tls: `127.0.0.1:${server.port}`, ...BRIEF }));
      },
    ],
    [
      'never says whether it begins TLS',
      async () => {
        const server = await serveTcp(silent);
        return targetAt(server, await configure({ tls: `127.0.0.1:${server.port}`, starttls: 'imap', ...BRIEF }));
      },
    ],
  ],
  atHost: (host) => ({ ...tls, ...(tls.kind === 'tls' ? { endpoint: { host, port: 9 } } : {}) }),
};
