import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { askDns, candidatesOf } from '../src/net/lookup/ask-dns.ts';
import { parseHosts } from '../src/net/lookup/hosts-file.ts';
import { LookupGate } from '../src/net/lookup/lookup-gate.ts';
import { isForSystem, parseNameServices } from '../src/net/lookup/name-services.ts';
import { parseResolvConf } from '../src/net/lookup/resolv-conf.ts';
import { sortAddresses } from '../src/net/lookup/sort-addresses.ts';
import { createSystemLookup } from '../src/net/lookup/system-lookup.ts';
import { type Replying, serveDns } from './kinds/dns-server.ts';

const CONF = parseResolvConf('nameserver 127.0.0.1\n', 'box');
const V4 = { address: '192.0.2.1', family: 4 };
const V6 = { address: '2001:db8::1', family: 6 };

describe('resolv.conf', () => {
  test('of Docker, Kubernetes and systemd is read', () => {
    expect(parseResolvConf('# made by\nnameserver 127.0.0.11\noptions edns0 trust-ad ndots:0\n', 'box')).toMatchObject({
      servers: ['127.0.0.11'],
      search: [],
      ndots: 0,
      needsSystem: false,
    });
    const text =
      'search shop.svc.cluster.local svc.cluster.local. cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n';
    expect(parseResolvConf(text, 'box.example.com')).toMatchObject({
      search: ['shop.svc.cluster.local', 'svc.cluster.local', 'cluster.local'],
      ndots: 5,
    });
    const other = 'nameserver 2001:db8::53 ; first\nnameserver 192.0.2.53\noptions timeout:2 attempts:4 no-aaaa\n';
    expect(parseResolvConf(other, 'box.example.com')).toMatchObject({
      servers: ['[2001:db8::53]', '192.0.2.53'],
      search: ['example.com'],
      timeoutMs: 2_000,
      attempts: 4,
      asksForIPv6: false,
    });
  });

  test('that is empty means a server here, and one with a scope is left to the system', () => {
    expect(parseResolvConf('', 'box')).toMatchObject({
      servers: ['127.0.0.1'],
      ndots: 1,
      timeoutMs: 1_000,
      attempts: 3,
    });
    expect(parseResolvConf('nameserver fe80::1%eth0\n', 'box').needsSystem).toBe(true);
  });
});

test('the hosts file gives every name all of its addresses, in any case', () => {
  const hosts = parseHosts(
    '127.0.0.1 localhost # loop\n::1 localhost ip6-localhost\n192.0.2.1\tShop.Test shop\nbad a\n',
  );
  expect(hosts.get('localhost')).toEqual([
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ]);
  expect(hosts.get('shop.test')).toEqual([V4]);
  expect(hosts.has('a')).toBe(false);
});

describe('name services', () => {
  const stub = { servers: ['127.0.0.53'] };
  test.each([
    [undefined, true, false],
    ['hosts: files dns', true, false],
    ['hosts:\tfiles mdns4_minimal [NOTFOUND=return] dns myhostname', true, true],
    ['hosts: files resolve [!UNAVAIL=return] dns', true, false],
    ['hosts: mymachines resolve [!UNAVAIL=return] files myhostname dns', false, true],
    ['hosts: files ldap dns', false, true],
    ['hosts: dns files', false, true],
    ['hosts: files [NOTFOUND=return] dns', false, true],
    ['hosts: files', false, true],
  ])('as in %j are plain: %s, and may ask by multicast: %s', (text, isPlain, hasMulticast) => {
    expect(parseNameServices(text, stub)).toMatchObject({ isPlain, hasMulticast });
  });

  test('of systemd are the DNS only where that asks systemd', () => {
    expect(parseNameServices('hosts: files resolve dns', { servers: ['192.0.2.53'] }).isPlain).toBe(false);
  });

  test('that know what no DNS knows are the system’s own', () => {
    const mdns = parseNameServices('hosts: files mdns dns', stub);
    for (const name of ['localhost', 'a.localhost', '127.1', '0x7f000001', 'printer.local', '_gateway', 'box'])
      expect(isForSystem(name, mdns, 'Box')).toBe(true);
    expect(isForSystem('printer.local', parseNameServices(undefined, stub), 'box')).toBe(false);
    expect(isForSystem('shop.test', mdns, 'box')).toBe(false);
  });
});

describe('a name', () => {
  const failing = (code: string): Promise<never> => Promise.reject(Object.assign(new Error(code), { code }));
  const asking = (answers: Readonly<Record<string, string>>, other = 'ENOTFOUND') => {
    const asked: string[] = [];
    const answer = (key: string): Promise<string[]> => {
      asked.push(key);
      const found = answers[key] ?? other;
      return found.startsWith('E') ? failing(found) : Promise.resolve(found.split(' '));
    };
    return { asked, resolve4: (name: string) => answer(`${name} 4`), resolve6: (name: string) => answer(`${name} 6`) };
  };
  const code = (error: unknown): unknown => (error as { code?: string }).code;

  test('is looked for in the search domains by its dots', () => {
    const conf = { search: ['a.test', 'b.test'], ndots: 2 };
    expect(candidatesOf('shop', conf)).toEqual(['shop.a.test', 'shop.b.test', 'shop']);
    expect(candidatesOf('x.y.shop', conf)).toEqual(['x.y.shop', 'x.y.shop.a.test', 'x.y.shop.b.test']);
    expect(candidatesOf('shop.', conf)).toEqual(['shop']);
  });

  test('has the addresses of both families, of the first candidate that has any', async () => {
    const dns = asking({ 'shop.b.test 4': '192.0.2.1', 'shop.b.test 6': '2001:db8::1' });
    const conf = { ...CONF, search: ['a.test', 'b.test'] };
    expect(await askDns('shop', dns, conf, undefined)).toEqual([V4, V6]);
    expect(dns.asked).toEqual(['shop.a.test 4', 'shop.a.test 6', 'shop.b.test 4', 'shop.b.test 6']);
  });

  test('that is absent is told apart from one without addresses and from a resolver in trouble', async () => {
    const fail = (answers: Readonly<Record<string, string>>, other?: string): Promise<unknown> =>
      askDns('a.test', asking(answers, other), CONF, undefined).catch(code);
    expect(await fail({})).toBe('ENOTFOUND');
    expect(await fail({ 'a.test 4': 'EBADNAME' })).toBe('ENOTFOUND');
    expect(await fail({}, 'ENODATA')).toBe('ENODATA');
    expect(await fail({ 'a.test 4': 'ENODATA' }, 'ETIMEOUT')).toBe('ETIMEOUT');
    expect(await fail({}, 'ESERVFAIL')).toBe('ESERVFAIL');
  });

  test('of which one family is in trouble has the other, unless that is not wanted', async () => {
    const answers = { 'a.test 4': '192.0.2.1', 'a.test 6': 'ETIMEOUT' };
    expect(await askDns('a.test', asking(answers), CONF, undefined)).toEqual([V4]);
    expect(await askDns('a.test', asking(answers), CONF, 4)).toEqual([V4]);
    expect(await askDns('a.test', asking(answers), CONF, 6).catch(code)).toBe('ETIMEOUT');
    const without = { 'a.test 4': '192.0.2.1', 'a.test 6': 'ENODATA' };
    expect(await askDns('a.test', asking(without), CONF, 6)).toEqual([V4]);
  });

  test('with addresses of both families is tried over IPv6 first where this machine has it', () => {
    const own = (address: string) => () => [{ address, cidr: `${address}/64` }];
    expect(sortAddresses([V4, V6], own('2001:db8::7'))).toEqual([V6, V4]);
    expect(sortAddresses([V6, V4], own('fe80::7'))).toEqual([V4, V6]);
    expect(sortAddresses([V4, { address: '::1', family: 6 }], own('10.0.0.1'))[0]?.address).toBe('::1');
  });
});

describe('the gate', () => {
  test('lets so many through at once, the others in order, and counts those that hang no more', async () => {
    const gate = new LookupGate({ most: 2, forgetAfterMs: 20, mostInAll: 3, mostWaiting: 2 });
    const pass = <T>(lookup: () => Promise<T>): Promise<T> => gate.run(lookup) ?? Promise.reject(new Error('refused'));
    const hung = Array.from({ length: 2 }, () => Promise.withResolvers<string>());
    const first = hung.map(({ promise }) => pass(() => promise));
    const order: string[] = [];
    const later = ['a', 'b'].map((name) => pass(async () => order.push(name)));
    expect(gate.run(async () => 'too many')).toBeUndefined();
    expect([gate.active, gate.waiting]).toEqual([2, 2]);
    await Promise.all(later);
    expect(order).toEqual(['a', 'b']);
    expect([gate.active, gate.waiting]).toEqual([2, 0]);
    for (const { resolve } of hung) resolve('late');
    expect(await Promise.all(first)).toEqual(['late', 'late']);
    expect(gate.active).toBe(0);
  });
});

describe('the system’s lookup', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-lookup-'));
  afterAll(() => rm(folder, { recursive: true }));
  const files = {
    resolvConf: join(folder, 'resolv.conf'),
    hosts: join(folder, 'hosts'),
    nsswitch: join(folder, 'nsswitch.conf'),
  };
  await writeFile(files.resolvConf, 'nameserver 127.0.0.1\nsearch corp.test\noptions timeout:1 attempts:1\n');
  await writeFile(files.hosts, '192.0.2.9 printer\n');
  const answering =
    (names: Readonly<Record<string, string>>): Replying =>
    (query) => {
      const { name = '', type } = query.questions?.[0] ?? {};
      const data = names[name];
      if (data === 'hangs') return undefined;
      if (data === undefined) return { flags: 0x83 };
      return type === 'A' ? [{ type: 'A', name, ttl: 300, data }] : [];
    };

  test('asks the hosts file, then the DNS with search domains, and keeps nothing', async () => {
    let queries = 0;
    const replying = answering({ 'shop.corp.test': '192.0.2.1', 'www.example.test': '192.0.2.2' });
    await using server = await serveDns((...given) => {
      queries += 1;
      return replying(...given);
    });
    const { lookup, servers } = createSystemLookup({ files, dnsPort: server.port, platform: 'linux' });
    expect(await lookup('PRINTER')).toEqual([{ address: '192.0.2.9', family: 4 }]);
    expect(queries).toBe(0);
    expect(await lookup('shop')).toEqual([V4]);
    expect(await lookup('www.example.test')).toEqual([{ address: '192.0.2.2', family: 4 }]);
    const before = queries;
    await lookup('www.example.test');
    expect(queries).toBe(before + 2);
    await expect(lookup('nowhere.test')).rejects.toMatchObject({ code: 'ENOTFOUND' });
    expect(servers()).toEqual(['127.0.0.1']);
  });

  test('sees that a file has changed', async () => {
    await using server = await serveDns(answering({}));
    const { lookup } = createSystemLookup({ files, dnsPort: server.port, platform: 'linux' });
    await expect(lookup('moved')).rejects.toMatchObject({ code: 'ENOTFOUND' });
    await writeFile(files.hosts, '192.0.2.9 printer\n192.0.2.1 moved\n');
    await utimes(files.hosts, 1, 1);
    await sleep(1_100);
    expect(await lookup('moved')).toEqual([V4]);
  });

  test('of a name whose servers hang holds up no other, and ends by itself', async () => {
    const hanging = Array.from({ length: 300 }, (_, index) => `h${index}.test`);
    const well = Array.from({ length: 300 }, (_, index) => `w${index}.test`);
    await using server = await serveDns(
      answering({
        ...Object.fromEntries(hanging.map((name) => [name, 'hangs'])),
        ...Object.fromEntries(well.map((name) => [name, '192.0.2.1'])),
      }),
    );
    const { lookup, figures } = createSystemLookup({ files, dnsPort: server.port, platform: 'linux' });
    let ended = 0;
    const hung = hanging.map((name) =>
      lookup(name).catch((error: { code?: string }) => {
        ended += 1;
        return error.code;
      }),
    );
    const found = await Promise.all(well.map((name) => lookup(name)));
    expect(found.every(([first]) => first?.address === '192.0.2.1')).toBe(true);
    expect(ended).toBeLessThan(300);
    expect(new Set(await Promise.all(hung))).toEqual(new Set(['ETIMEOUT']));
    expect(figures()).toEqual({ active: 0, waiting: 0, refused: 0 });
  });

  test('leaves this machine’s own names to the system', async () => {
    await using server = await serveDns(answering({ localhost: '192.0.2.66', [hostname()]: '192.0.2.66' }));
    const { lookup } = createSystemLookup({ files, dnsPort: server.port, platform: 'linux' });
    expect((await lookup('localhost')).map(({ address }) => address)).not.toContain('192.0.2.66');
  });
});
