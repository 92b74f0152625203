import { type Answer, encode } from 'dns-packet';
import { describe, expect, test } from 'vitest';
import { phaseNames, probe } from '../monitors.ts';
import { findClosedPort } from '../servers.ts';
import { configure } from './configured.ts';
import { type Replying, serveDns, serveDot } from './dns-server.ts';
import { A, good, network, look } from './subjects/dns.ts';

describe('a query', () => {
  test('goes over UDP, says what it got, and has one phase', async () => {
    const run = await look(() => [A]);
    expect(run.verdict.message).toBe('1 records: 192.0.2.1');
    expect(phaseNames(run)).toBe('request');
    expect(run.attributes).toMatchObject({
      'dns.response_code': 'NOERROR',
      'dns.answers': '192.0.2.1',
      'network.transport': 'udp',
    });
  });

  test('is asked again over TCP when the answer does not fit, and over TLS when that is configured', async () => {
    const run = await look((_query, over) =>
      over === 'udp' ? { flags: 0x280, answers: [] } : [A, { ...A, data: '192.0.2.2' }],
    );
    expect(run.verdict.outcome).toBe('up');
    expect(phaseNames(run)).toBe('request connect request');
    expect(run.attributes).toMatchObject({ 'tocsin.probe.dns.truncated': true, 'network.transport': 'tcp' });
    await using server = await serveDot(good, () => [A]);
    const dot = await configure({ dns: 'shop.test', server: `ns.test:${server.port}`, transport: 'tls' });
    const secure = await probe(dot, network);
    expect(secure.verdict.outcome).toBe('up');
    expect(phaseNames(secure)).toBe('resolve connect tls request');
  });

  test('is sent again when it gets lost', async () => {
    let queries = 0;
    const run = await look(() => ((queries += 1) === 1 ? undefined : [A]));
    expect(run.verdict.outcome).toBe('up');
    expect(queries).toBe(2);
  });

  test('is not answered by a message with another id or about another question', async () => {
    const forged = (id: number, name: string): Buffer =>
      encode({
        type: 'response',
        id,
        flags: 0x80,
        questions: [{ type: 'A', name }],
        answers: [{ ...A, data: '203.0.113.66' }],
      });
    const run = await look((query) => {
      const id = query.id ?? 0;
      const right = encode({ type: 'response', id, flags: 0x80, questions: query.questions ?? [], answers: [A] });
      return [forged(id ^ 1, 'shop.test'), forged(id, 'evil.test'), encode({ ...query, type: 'query' }), right];
    });
    expect(run.attributes['dns.answers']).toBe('192.0.2.1');
  });

  test('carries EDNS, and asks for DNSSEC or against recursion where that is configured', async () => {
    const flags: unknown[] = [];
    const note: Replying = (query) => {
      const edns = query.additionals?.find(({ type }) => type === 'OPT') as {
        udpPayloadSize: number;
        flag_do: boolean;
      };
      flags.push([query.flag_rd, edns.udpPayloadSize, edns.flag_do]);
      return { flags: 0xa0, answers: [A] };
    };
    await look(note);
    const run = await look(note, { dnssec: true, recursion: false, expect: { authenticated: true } });
    expect(flags).toEqual([
      [true, 1_232, false],
      [false, 1_232, true],
    ]);
    expect(run.verdict.outcome).toBe('up');
    const plain = await look(() => [A], { expect: { authenticated: true, severity: 'degraded' } });
    expect(plain.verdict).toMatchObject({ outcome: 'degraded', reason: 'dns_not_authenticated' });
  });

  test('of the system resolver that does not work says nothing about the name', async () => {
    await using server = await serveDns(() => ({ flags: 0x82 }));
    const own = await configure({ dns: 'shop.test' });
    for (const port of [server.port, await findClosedPort()]) {
      const { verdict } = await probe(own, { ...network, dnsServers: () => [`127.0.0.1:${port}`] });
      expect(verdict).toMatchObject({ outcome: 'unknown', reason: 'dns_unavailable' });
    }
  });
});

const n = (type: string, data: unknown): Answer => ({ type, name: 'shop.test', ttl: 300, data }) as Answer;
const binding = Buffer.concat([
  Buffer.from([0, 1, 0, 0, 1, 0, 6]),
  Buffer.from('\x02h2\x02h3'),
  Buffer.from([0, 3, 0, 2, 0x20, 0xfb, 0, 4, 0, 4, 192, 0, 2, 7]),
]);

test.each([
  ['AAAA', n('AAAA', '2001:db8::1'), '2001:DB8:0::1'],
  ['CNAME', n('CNAME', 'www.shop.test'), 'WWW.shop.test.'],
  ['MX', n('MX', { preference: 10, exchange: 'mail.test' }), '10 mail.test'],
  ['TXT', n('TXT', ['v=spf1 ', '-all']), 'v=spf1 -all'],
  ['NS', n('NS', 'ns1.test'), 'ns1.test'],
  [
    'SOA',
    n('SOA', { mname: 'ns.test', rname: 'me.test', serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 5 }),
    'ns.test me.test 1 2 3 4 5',
  ],
  ['SRV', n('SRV', { priority: 1, weight: 2, port: 443, target: 'a.test' }), '1 2 443 a.test'],
  ['CAA', n('CAA', { flags: 0, tag: 'issue', value: 'letsencrypt.org' }), '0 issue "letsencrypt.org"'],
  ['PTR', n('PTR', 'host.test'), 'host.test'],
  ['DNSKEY', n('DNSKEY', { flags: 257, algorithm: 13, key: Buffer.from('key') }), '257 3 13 a2V5'],
  ['DS', n('DS', { keyTag: 7, algorithm: 13, digestType: 2, digest: Buffer.from([0xab]) }), '7 13 2 AB'],
  ['TLSA', n('TLSA', { usage: 3, selector: 1, matchingType: 1, certificate: Buffer.from([1, 2]) }), '3 1 1 0102'],
  ['HTTPS', n('UNKNOWN_65', binding), '1 . alpn=h2,h3 port=8443 ipv4hint=192.0.2.7'],
  ['TYPE999', n('UNKNOWN_999', Buffer.from([1, 255])), '\\# 2 01FF'],
])('records of type %s are read and compared', async (type, record, text) => {
  const run = await look(() => [record], { type, expect: { only_records: text, min_ttl: '60s', max_ttl: '5m' } });
  expect(run.verdict).toMatchObject({ outcome: 'up' });
});

test.each([
  [{ records: '192.0.2.9' }, 'expected shop.test A to have 192.0.2.9, found 192.0.2.1, 192.0.2.2'],
  [{ only_records: ['192.0.2.1'] }, 'expected shop.test A to have exactly 192.0.2.1, found 192.0.2.1, 192.0.2.2'],
  [
    { records_match: '^10\\.' },
    'expected shop.test A to have a record that matches "^10\\\\.", found 192.0.2.1, 192.0.2.2',
  ],
  [{ records_not_match: '2$' }, 'expected shop.test A to have no record that matches "2$", found 192.0.2.2'],
  [{ min_records: 3 }, 'expected shop.test A to have at least 3 records, found 2: 192.0.2.1, 192.0.2.2'],
  [{ max_ttl: '30s' }, 'expected shop.test A to have a time to live of at most 30 s, found 60 s of 192.0.2.1'],
])('what is not as expected is told: %j', async (expected, message) => {
  const run = await look(() => [A, { ...A, data: '192.0.2.2' }], { expect: expected });
  expect(run.verdict).toEqual({ outcome: 'down', reason: 'dns_record_mismatch', message });
});

test('a name that is expected not to exist is up while it does not', async () => {
  const run = await look(() => ({ flags: 0x83 }), { expect: { rcode: 'NXDOMAIN' } });
  expect(run.verdict).toMatchObject({ outcome: 'up', message: 'NXDOMAIN' });
});
