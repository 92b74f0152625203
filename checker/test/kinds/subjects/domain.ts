import { type Answering, findClosedPort, serveDeaf, serveHttp, serveTcp, type TestServer } from '../../servers.ts';
import { configure } from '../configured.ts';
import { nobody, targetAt } from '../targets.ts';
import type { ContractSubject } from '../contract.ts';

export const DAY_MS = 86_400_000;
const inDays = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();

/** An answer as registries give it (RFC 9083, section 5.3). */
export function describeDomain(parts: { days?: number; status?: readonly string[]; name?: string }): string {
  const { days, status = ['client transfer prohibited'], name = 'example.com' } = parts;
  return JSON.stringify({
    rdapConformance: ['rdap_level_0'],
    objectClassName: 'domain',
    ldhName: name.toUpperCase(),
    status,
    events: [
      { eventAction: 'registration', eventDate: '1995-08-14T04:00:00Z' },
      ...(days === undefined ? [] : [{ eventAction: 'expiration', eventDate: inDays(days) }]),
    ],
    entities: [
      {
        objectClassName: 'entity',
        handle: '376',
        roles: ['registrar'],
        publicIds: [{ type: 'IANA Registrar ID', identifier: '376' }],
        vcardArray: [
          'vcard',
          [
            ['version', {}, 'text', '4.0'],
            ['fn', {}, 'text', 'Example Registrar, Inc.'],
          ],
        ],
      },
    ],
  });
}

export const saying =
  (body: string, status = 200, headers: Record<string, string> = {}): Answering =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'application/rdap+json', ...headers }).end(body);
export const at = (server: TestServer, settings: object = {}) =>
  configure({ domain: 'example.com', rdap_server: `${server.url}/rdap`, ...settings });
const target =
  (answering: Answering, settings: object = {}) =>
  async () => {
    const server = await serveHttp(answering);
    return targetAt(server, await at(server, settings));
  };
const BRIEF = { timeout: '200ms' };

/** What kind domain brings to the contract of all kinds. */
export const domainSubject: ContractSubject<'domain'> = {
  kind: 'domain',
  up: target(saying(describeDomain({ days: 90 }))),
  down: [
    ['domain_expired', target(saying(describeDomain({ days: -1 })))],
    ['domain_expiring', target(saying(describeDomain({ days: 20 })))],
    ['domain_on_hold', target(saying(describeDomain({ days: 90, status: ['clientHold'] })))],
    ['domain_not_found', target(saying('{"errorCode":404}', 404))],
    ['domain_registrar_mismatch', target(saying(describeDomain({ days: 90 })), { expect: { registrar: 'Mine' } })],
    ['rdap_unavailable', target(saying('', 429, { 'retry-after': '60' }))],
    ['rdap_unavailable', target(saying('oops', 500))],
    ['rdap_unavailable', target(saying('<html>'))],
    ['rdap_unavailable', target(saying(describeDomain({ days: 90, name: 'example.net' })))],
    ['rdap_unavailable', target(saying(describeDomain({})))],
    [
      'rdap_unavailable',
      async () =>
        targetAt(
          nobody,
          await configure({ domain: 'example.com', rdap_server: `http://127.0.0.1:${await findClosedPort()}/` }),
        ),
    ],
  ],
  hanging: [
    ['never answers', target(() => {}, BRIEF)],
    ['never ends', target((_request, response) => response.writeHead(200).write('{'), BRIEF)],
    [
      'never accepts',
      async () => {
        const server = await serveDeaf();
        return targetAt(server, await at(server, BRIEF));
      },
    ],
    [
      'never shakes hands',
      async () => {
        const server = await serveTcp((socket) => socket.resume());
        const url = server.url.replace('http', 'https');
        return targetAt(server, await configure({ domain: 'example.com', rdap_server: url, ...BRIEF }));
      },
    ],
  ],
};
