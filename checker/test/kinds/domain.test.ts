import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { findServer, readBootstrap, SNAPSHOT } from '../../src/kinds/domain/bootstrap.ts';
import { RdapDirectory } from '../../src/kinds/domain/rdap-directory.ts';
import { readPause } from '../../src/kinds/domain/retry-after.ts';
import { makeNetwork, phaseNames, probe } from '../monitors.ts';
import { serveHttp } from '../servers.ts';
import { configure } from './configured.ts';
import { RDAP_SAMPLES } from './rdap-samples-table.ts';
import { DAY_MS, describeDomain, saying, at } from './subjects/domain.ts';

describe('a registration', () => {
  test('is asked for by its name in the DNS, with phases and what the registry says', async () => {
    let asked = '';
    await using server = await serveHttp((request, response) => {
      asked = `${request.url} ${request.headers.accept}`;
      response.end(describeDomain({ days: 90, name: 'xn--bcher-kva.example' }));
    });
    const run = await probe(await at(server, { domain: 'Bücher.Example.' }));
    expect(asked).toBe('/rdap/domain/xn--bcher-kva.example application/rdap+json, application/json');
    expect(run.verdict).toMatchObject({ outcome: 'up' });
    expect(run.verdict.message).toMatch(/^xn--bcher-kva\.example is registered for (?:89|90) more days, until /);
    expect(phaseNames(run)).toBe('connect request transfer');
    expect(run.gauges?.['tocsin.probe.domain.not_after']).toBeGreaterThan(Date.now() / 1_000 + 89 * 86_400);
    expect(run.attributes).toMatchObject({
      'tocsin.probe.domain.registrar': 'Example Registrar, Inc., 376',
      'tocsin.probe.domain.status': 'client transfer prohibited',
      'tocsin.probe.domain.expires': expect.stringContaining('T') as string,
    });
  });

  test('that ends soon degrades unless it is configured, and is judged for what it says beside', async () => {
    await using server = await serveHttp(saying(describeDomain({ days: 20 })));
    const outcome = async (entries?: object) =>
      (await probe(await at(server, entries === undefined ? {} : { expect: entries }))).verdict.outcome;
    expect(await outcome()).toBe('degraded');
    expect(await outcome({ domain_days: 10 })).toBe('up');
    expect(await outcome([{ domain_days: 30 }, { domain_days: 21, severity: 'down' }])).toBe('down');
    expect(await outcome({ domain_days: 10, registrar: ['376'] })).toBe('up');
    expect(await outcome({ domain_days: 10, not_status: 'clientTransferProhibited' })).toBe('down');
  });

  test('is found where a redirect leads, and a loop of them is the registry being wrong', async () => {
    await using server = await serveHttp((request, response) => {
      if (request.url?.startsWith('/rdap')) response.writeHead(302, { location: '/other' }).end();
      else response.end(describeDomain({ days: 90 }));
    });
    expect((await probe(await at(server))).verdict).toMatchObject({ outcome: 'up' });
    await using loop = await serveHttp((_request, response) => response.writeHead(302, { location: '/' }).end());
    expect((await probe(await at(loop))).verdict).toMatchObject({ outcome: 'unknown', reason: 'rdap_unavailable' });
  });

  test('is not the business of an RDAP server whose name is gone, nor of one that is denied', async () => {
    const monitor = await configure({ domain: 'example.com', rdap_server: 'http://rdap.test:9/' });
    const gone = await probe(monitor, makeNetwork({ names: { 'rdap.test': 'ENOTFOUND' } }));
    expect(gone.verdict).toMatchObject({ outcome: 'unknown', reason: 'rdap_unavailable' });
    const denied = await probe(monitor, makeNetwork({ isDenied: () => true }));
    expect(denied.verdict).toMatchObject({ outcome: 'unknown', reason: 'address_denied' });
  });
});

test.each(Object.entries(RDAP_SAMPLES))('an answer is understood: %s', async (_name, { domain, answer, means }) => {
  await using server = await serveHttp(saying(JSON.stringify(answer)));
  const run = await probe(await at(server, { domain }));
  const isOnHold = means.statuses.includes('client hold');
  const reason = means.expires === undefined ? 'rdap_unavailable' : isOnHold ? 'domain_on_hold' : 'ok';
  expect(run.verdict.reason).toBe(reason);
  expect(run.attributes).toMatchObject({
    'tocsin.probe.domain.status': means.statuses.join(', '),
    'tocsin.probe.domain.registrar': means.registrar.join(', '),
    ...(means.expires === undefined ? {} : { 'tocsin.probe.domain.expires': means.expires }),
  });
});

test('a page that says 404 is a web server’s word, and a name below a registered one gets a hint', async () => {
  await using page = await serveHttp(saying('<html>404</html>', 404, { 'content-type': 'text/html; charset=utf-8' }));
  expect((await probe(await at(page))).verdict).toMatchObject({ outcome: 'unknown', reason: 'rdap_unavailable' });
  await using registry = await serveHttp(saying('', 404));
  const { verdict } = await probe(await at(registry, { domain: 'www.example.com' }));
  expect(verdict).toMatchObject({ outcome: 'down', reason: 'domain_not_found' });
  expect(verdict.message).toContain('no name below a registered one');
});

test('a server to which another one leads is left alone when it says 429, the other is not', async () => {
  const asked: string[] = [];
  await using busy = await serveHttp(({ url = '' }, response) => {
    asked.push(`busy ${url}`);
    response.writeHead(429, { 'retry-after': '60' }).end();
  });
  await using leading = await serveHttp(({ url = '' }, response) => {
    asked.push(`leading ${url}`);
    if (url.endsWith('/example.com')) response.writeHead(302, { location: `${busy.url}/a` }).end();
    else response.end(describeDomain({ days: 90, name: 'example.net' }));
  });
  const network = makeNetwork();
  const reasons = [];
  for (const domain of ['example.com', 'example.com', 'example.net'])
    reasons.push((await probe(await at(leading, { domain }), network)).verdict.reason);
  expect(reasons).toEqual(['rdap_unavailable', 'rdap_unavailable', 'ok']);
  expect(asked.filter((each) => each.startsWith('busy'))).toHaveLength(1);
});

test('a registry that says 429 is not asked again by anybody before the time it says', async () => {
  let asked = 0;
  await using server = await serveHttp((_request, response) => {
    asked += 1;
    response.writeHead(429, { 'retry-after': '3600' }).end();
  });
  const network = makeNetwork();
  const first = await probe(await at(server), network);
  const second = await probe(await at(server, { domain: 'example.net' }), network);
  for (const { verdict } of [first, second]) {
    expect(verdict).toMatchObject({ outcome: 'unknown', reason: 'rdap_unavailable' });
    expect(verdict.message).toMatch(/wants no more questions until 20/);
  }
  expect(asked).toBe(1);
  const now = Date.parse('2026-01-01T00:00:00Z');
  expect(readPause('120', now)).toBe(120_000);
  expect(readPause('Thu, 01 Jan 2026 00:02:00 GMT', now)).toBe(120_000);
  expect(readPause('soon', now)).toBe(300_000);
  expect(readPause('99999999', now)).toBe(DAY_MS);
});

describe('the list of RDAP servers', () => {
  const folders: string[] = [];
  afterAll(async () => {
    for (const folder of folders) await rm(folder, { recursive: true });
  });
  const makeFolder = async (): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), 'tocsin-rdap-'));
    folders.push(folder);
    return folder;
  };
  const LIST = JSON.stringify({
    version: '1.0',
    services: [
      [
        ['test', 'CO.Test'],
        ['http://a.test/', 'https://b.test/rdap/'],
      ],
      [['com'], ['https://new.test/']],
      [['odd'], ['gopher://x/', 7]],
      'nonsense',
    ],
  });
  const clockAt = (wallMs: () => number) => ({
    wallMs,
    monotonicMs: () => performance.now(),
    after: () => () => {},
  });
  const { signal } = new AbortController();

  test('is read as IANA writes it: the longest suffix, https before http', () => {
    const servers = readBootstrap(JSON.parse(LIST)) ?? new Map<string, string>();
    expect(findServer(servers, 'a.b.test')).toBe('https://b.test/rdap/');
    expect(findServer(servers, 'a.co.test')).toBe('https://b.test/rdap/');
    expect(findServer(servers, 'a.odd')).toBeUndefined();
    expect(readBootstrap({ services: [] })).toBeUndefined();
    expect(readBootstrap(null)).toBeUndefined();
    expect(findServer(SNAPSHOT, 'example.com')).toBe('https://rdap.verisign.com/com/v1/');
  });

  test('is fetched once a day, in the background where the domain is known, and kept on disk', async () => {
    const folder = await makeFolder();
    let nowMs = Date.now();
    let fetched = 0;
    const fetchList = (): Promise<string> => {
      fetched += 1;
      return Promise.resolve(LIST);
    };
    const directory = new RdapDirectory({ clock: clockAt(() => nowMs), folder });
    expect(await directory.find('example.com', fetchList, signal)).toBe('https://rdap.verisign.com/com/v1/');
    expect(await directory.find('shop.test', fetchList, signal)).toBe('https://b.test/rdap/');
    expect(await directory.find('example.com', fetchList, signal)).toBe('https://new.test/');
    await directory.stop();
    expect(fetched).toBe(1);
    expect(await readFile(join(folder, 'rdap-dns.json'), 'utf8')).toBe(LIST);

    const restarted = new RdapDirectory({ clock: clockAt(() => nowMs), folder });
    const never = (): Promise<string> => Promise.reject(new Error('it is fresh'));
    expect(await restarted.find('shop.test', never, signal)).toBe('https://b.test/rdap/');
    nowMs += DAY_MS + 60_000;
    expect(await restarted.find('shop.test', fetchList, signal)).toBe('https://b.test/rdap/');
    await restarted.stop();
    expect(fetched).toBe(2);
  });

  test('that does not come leaves what is known, and is not asked for again at once', async () => {
    const folder = await makeFolder();
    const file = join(folder, 'rdap-dns.json');
    await writeFile(file, LIST);
    await utimes(file, new Date(0), new Date(0));
    let fetched = 0;
    const fail = (): Promise<undefined> => {
      fetched += 1;
      return Promise.resolve(undefined);
    };
    const directory = new RdapDirectory({ clock: clockAt(Date.now), folder });
    expect(await directory.find('shop.test', fail, signal)).toBe('https://b.test/rdap/');
    expect(await directory.find('shop.zone', fail, signal)).toBeUndefined();
    expect(await directory.find('shop.zone', fail, signal)).toBeUndefined();
    await directory.stop();
    expect(fetched).toBe(1);
    expect(await readFile(file, 'utf8')).toBe(LIST);
  });

  test('is what a run goes by; without a server in it the domain is unknown', async () => {
    await using server = await serveHttp(saying(describeDomain({ days: 90, name: 'shop.test' })));
    const folder = await makeFolder();
    await writeFile(join(folder, 'rdap-dns.json'), JSON.stringify({ services: [[['test'], [server.url]]] }));
    const rdap = new RdapDirectory({ clock: clockAt(Date.now), folder });
    const network = { ...makeNetwork(), rdap };
    expect((await probe(await configure({ domain: 'shop.test' }), network)).verdict).toMatchObject({ outcome: 'up' });
    const { verdict } = await probe(await configure({ domain: 'shop.zone' }), network);
    expect(verdict).toMatchObject({ outcome: 'unknown', reason: 'rdap_unavailable' });
    expect(verdict.message).toContain('an RDAP server for .zone');
    await rdap.stop();
  });
});

test('what monitors have in common sets no interval that a registry would not like', async () => {
  const { parseMonitors } = await import('@tocsin/service/monitor-text');
  const text = 'defaults: { interval: 10s }\nmonitors: [{ name: a, domain: example.com }]';
  const [monitor] = parseMonitors({ text, shown: 'a.yaml', env: {}, folder: tmpdir() });
  expect(monitor?.schedule).toEqual({ type: 'interval', intervalMs: 6 * 3_600_000 });
});
