import { describe, expect, test } from 'vitest';
import { isPrivateAddress } from '../src/net/private-addresses.ts';
import { makeMonitor, makeNetwork, phaseNames, probe } from './monitors.ts';
import { serveHttp } from './servers.ts';

test.each([
  ['10.1.2.3', 'private'],
  ['172.31.255.255', 'private'],
  ['192.168.0.1', 'private'],
  ['127.8.9.10', 'loopback'],
  ['0.0.0.0', 'this host'],
  ['169.254.169.254', 'link-local, where clouds keep credentials'],
  ['100.64.0.1', 'shared (CGNAT)'],
  ['::1', 'loopback'],
  ['::', 'this host'],
  ['fe80::1', 'link-local'],
  ['fe80::1%eth0', 'link-local with a zone'],
  ['fd12:3456::1', 'unique-local'],
  ['::ffff:10.0.0.1', 'private, mapped'],
  ['::ffff:7f00:1', 'loopback, mapped'],
  ['64:ff9b::a00:1', 'private behind NAT64'],
  ['2002:c0a8:101::1', 'private in 6to4'],
  ['::127.0.0.1', 'loopback, compatible'],
])('%s is denied: %s', (address) => {
  expect(isPrivateAddress(address)).toBe(true);
});

test.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:8.8.8.8', '64:ff9b::808:808'])(
  '%s is public',
  (address) => {
    expect(isPrivateAddress(address)).toBe(false);
  },
);

describe('a probe with private addresses denied', () => {
  const isDenied = (address: string): boolean => address === '127.0.0.2';

  test('refuses what a name resolves to, says so, and calls nobody', async () => {
    const names = { 'inner.test': [{ address: '127.0.0.2', family: 4 }] };
    const run = await probe(makeMonitor('http://inner.test/'), makeNetwork({ names, isDenied }));
    expect(run.verdict).toEqual({
      outcome: 'unknown',
      reason: 'address_denied',
      message: 'expected a public address (deny_private_addresses), found 127.0.0.2 for inner.test',
    });
    expect(phaseNames(run)).toBe('resolve');
  });

  test('refuses an address that stands in the URL itself, however it is written', async () => {
    const network = makeNetwork({ isDenied: isPrivateAddress });
    for (const host of ['127.0.0.1', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]', '[::1]']) {
      expect((await probe(makeMonitor(`http://${host}:9/`), network)).verdict.reason).toBe('address_denied');
    }
  });

  test('refuses where a redirect leads', async () => {
    await using server = await serveHttp((_request, response) => {
      response.writeHead(302, { location: 'http://127.0.0.2/' }).end();
    });
    const { verdict } = await probe(makeMonitor(server.url), makeNetwork({ isDenied }));
    expect(verdict).toMatchObject({ outcome: 'unknown', reason: 'address_denied' });
  });

  test('uses the other addresses of a name, and never looks it up again', async () => {
    await using server = await serveHttp((_request, response) => response.end('ok'));
    const asked: string[] = [];
    const network = {
      ...makeNetwork({ isDenied }),
      async lookup(host: string) {
        asked.push(host);
        const address = asked.length === 1 ? '127.0.0.1' : '127.0.0.2';
        return [
          { address: '127.0.0.2', family: 4 },
          { address, family: 4 },
        ];
      },
    };
    const run = await probe(makeMonitor(`http://rebind.test:${server.port}/`), network);
    expect(run.verdict.outcome).toBe('up');
    expect([asked, run.attributes['network.peer.address']]).toEqual([['rebind.test'], '127.0.0.1']);
  });
});
