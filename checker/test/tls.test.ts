import { beforeAll, expect, test } from 'vitest';
import { type CertificateOptions, type MadeCertificate, makeCertificate } from './certificates.ts';
import { makeMonitor, makeNetwork, phaseNames, probe } from './monitors.ts';
import { serveHttp, serveHttps, type TestServer } from './servers.ts';

let authority: MadeCertificate;
let serve: (options: Partial<CertificateOptions>) => Promise<TestServer>;

beforeAll(() => {
  authority = makeCertificate({ name: 'Test CA', authority: true, notAfter: new Date('2045-06-07T08:09:10Z') });
  serve = (options) => {
    const made = makeCertificate({ name: 'leaf', hosts: ['shop.test', '127.0.0.1'], issuer: authority, ...options });
    return serveHttps(made, (_request, response) => response.end('ok'));
  };
});

function probeTls(port: number, host = 'shop.test') {
  return probe(makeMonitor(`https://${host}:${port}/`), makeNetwork({ ca: authority.cert }));
}

test('a trusted certificate passes, with the tls phase, the version and the earliest end of the chain', async () => {
  const notAfter = new Date('2039-01-02T03:04:05Z');
  await using server = await serve({ notAfter });
  const run = await probeTls(server.port);
  expect(run.verdict.outcome).toBe('up');
  expect(phaseNames(run)).toBe('resolve connect tls request transfer');
  expect(run.tlsNotAfterUnixS).toBe(notAfter.getTime() / 1_000);
  expect(run.attributes['tls.protocol.version']).toBe('1.3');
});

test('the chain counts: an authority it brings along that ends sooner is what is told', async () => {
  const leaf = makeCertificate({
    name: 'leaf',
    hosts: ['shop.test'],
    issuer: authority,
    notAfter: new Date('2049-01-01'),
  });
  const chain = { ...leaf, cert: leaf.cert + authority.cert };
  await using server = await serveHttps(chain, (_request, response) => response.end());
  expect((await probeTls(server.port)).tlsNotAfterUnixS).toBe(Date.parse('2045-06-07T08:09:10Z') / 1_000);
});

test('a certificate for an address is good for that address', async () => {
  await using server = await serve({});
  expect((await probeTls(server.port, '127.0.0.1')).verdict.outcome).toBe('up');
});

test('an expired certificate fails with its end, and its end is told', async () => {
  const notAfter = new Date('2021-02-03T04:05:06Z');
  await using server = await serve({ notBefore: new Date('2020-01-01T00:00:00Z'), notAfter });
  const run = await probeTls(server.port);
  expect(run.verdict).toEqual({
    outcome: 'down',
    reason: 'tls_expired',
    message: 'expected a valid certificate for shop.test, found one that expired on 2021-02-03T04:05:06.000Z',
  });
  expect(run.tlsNotAfterUnixS).toBe(notAfter.getTime() / 1_000);
  expect(phaseNames(run)).toBe('resolve connect tls');
});

test('a certificate that is not valid yet fails', async () => {
  await using server = await serve({ notBefore: new Date('2048-01-01T00:00:00Z'), notAfter: new Date('2049-01-01') });
  expect((await probeTls(server.port)).verdict).toMatchObject({ outcome: 'down', reason: 'tls_not_yet_valid' });
});

test("another host's certificate fails and says whose it is", async () => {
  await using server = await serve({ hosts: ['other.test'] });
  expect((await probeTls(server.port)).verdict).toEqual({
    outcome: 'down',
    reason: 'tls_hostname_mismatch',
    message: 'expected a certificate for shop.test, found one for DNS:other.test',
  });
});

test('a self-signed certificate and an unknown authority are not trusted', async () => {
  const stranger = makeCertificate({ name: 'Stranger', authority: true });
  await using unknown = await serve({ issuer: stranger });
  const alone = makeCertificate({ name: 'alone', hosts: ['shop.test'] });
  await using self = await serveHttps(alone, (_request, response) => response.end());
  const runs = [await probeTls(unknown.port), await probeTls(self.port)];
  expect(runs.map(({ verdict }) => verdict.reason)).toEqual(['tls_untrusted', 'tls_self_signed']);
});

test('nothing is sent to a server whose certificate is refused', async () => {
  let requests = 0;
  const alone = makeCertificate({ name: 'alone', hosts: ['shop.test'] });
  await using server = await serveHttps(alone, (_request, response) => {
    requests += 1;
    response.end();
  });
  await probeTls(server.port);
  expect(requests).toBe(0);
});

test('plain HTTP where TLS is expected is a failed handshake', async () => {
  await using server = await serveHttp((_request, response) => response.end());
  expect((await probeTls(server.port)).verdict).toMatchObject({ outcome: 'down', reason: 'tls_handshake_failed' });
});
