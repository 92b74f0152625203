import { encode, type Packet, type StringAnswer } from 'dns-packet';
import type { ProbeRun } from '../../../src/probe.ts';
import { makeCertificate } from '../../certificates.ts';
import { makeNetwork, probe } from '../../monitors.ts';
import { findClosedPort, serveDeaf } from '../../servers.ts';
import { configure } from '../configured.ts';
import { type Replying, serveDns } from '../dns-server.ts';
import { nobody, targetAt } from '../targets.ts';
import type { ContractSubject } from '../contract.ts';

export const A: StringAnswer = { type: 'A', name: 'shop.test', ttl: 60, data: '192.0.2.1' };
const ca = makeCertificate({ name: 'ca', authority: true });
export const good = makeCertificate({ name: 'dns', hosts: ['127.0.0.1', 'ns.test'], issuer: ca });
export const network = makeNetwork({ ca: ca.cert });
const base = await configure({ dns: 'shop.test', server: 'ns.test' });

export async function look(replying: Replying, settings: Readonly<Record<string, unknown>> = {}): Promise<ProbeRun> {
  await using server = await serveDns(replying);
  return await probe(await configure({ dns: 'shop.test', server: `127.0.0.1:${server.port}`, ...settings }), network);
}

const serving =
  (replying: Replying, settings: Readonly<Record<string, unknown>> = {}) =>
  async () => {
    const server = await serveDns(replying);
    return targetAt(
      server,
      await configure({ dns: 'shop.test', server: `ns.test:${server.port}`, ...settings }),
      network,
    );
  };
const BRIEF = { timeout: '200ms' };

/** What kind dns brings to the contract of all kinds. */
export const dnsSubject: ContractSubject<'dns'> = {
  kind: 'dns',
  up: serving(() => [A]),
  down: [
    ['dns_nxdomain', serving(() => ({ rcode: 'NXDOMAIN', flags: 0x83 }) as Packet)],
    ['dns_rcode_mismatch', serving(() => ({ flags: 0x82 }))],
    ['dns_record_mismatch', serving(() => [])],
    [
      'protocol_error',
      serving((query) =>
        Buffer.concat([
          encode({ type: 'response', id: query.id ?? 0, questions: query.questions ?? [] }).subarray(0, 12),
          Buffer.from('garbage'),
        ]),
      ),
    ],
    [
      'connect_refused',
      async () =>
        targetAt(nobody, await configure({ dns: 'shop.test', server: `127.0.0.1:${await findClosedPort()}` })),
    ],
  ],
  hanging: [
    ['never answers', serving(() => undefined, BRIEF)],
    ['never answers over TCP', serving(() => undefined, { ...BRIEF, transport: 'tcp' })],
    [
      'never accepts',
      async () => {
        const server = await serveDeaf();
        const settings = { dns: 'shop.test', server: `127.0.0.1:${server.port}`, transport: 'tcp', ...BRIEF };
        return targetAt(server, await configure(settings));
      },
    ],
  ],
  atHost: (host) => ({ ...base, ...(base.kind === 'dns' ? { server: { host, port: 9 } } : {}) }),
};
