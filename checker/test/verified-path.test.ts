import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findVerifiedEnd, readAuthorities } from '../src/net/verified-path.ts';
import { runProbeCommand } from '../src/probe-command/command.ts';
import type { ProbeRun } from '../src/probe.ts';
import { type MadeCertificate, makeCertificate } from './certificates.ts';
import { configure } from './kinds/configured.ts';
import { makeNetwork, probe } from './monitors.ts';
import { serveHttps } from './servers.ts';

const DAY_MS = 86_400_000;
/** One moment for all: a second that begins meanwhile would make two of them. */
const NOW_MS = Math.floor(Date.now() / 1_000) * 1_000;
const inDays = (days: number): Date => new Date(NOW_MS + days * DAY_MS);
const unixS = (days: number): number => inDays(days).getTime() / 1_000;
const makeKeys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const read = (...made: readonly MadeCertificate[]): X509Certificate[] =>
  made.map(({ cert }) => new X509Certificate(cert));

/** A root, an older root that has signed it too, and a leaf. Ends are days from now. */
function makeCrossed(ends: { root: number; old: number; crossed: number; leaf: number }) {
  const keys = makeKeys();
  const root = makeCertificate({ name: 'root', authority: true, keys, notAfter: inDays(ends.root) });
  const old = makeCertificate({ name: 'old', authority: true, notAfter: inDays(ends.old) });
  const crossed = makeCertificate({ name: 'root', authority: true, keys, issuer: old, notAfter: inDays(ends.crossed) });
  const leaf = makeCertificate({
    name: 'shop',
    hosts: ['shop.test', '127.0.0.1'],
    issuer: root,
    notAfter: inDays(ends.leaf),
  });
  return { root, old, crossed, leaf };
}

test('of several paths to authorities the one that lasts longest counts, and what is presented beside them does not', () => {
  const { root, old, crossed, leaf } = makeCrossed({ root: 400, old: 500, crossed: 3, leaf: 300 });
  const end = (chain: readonly MadeCertificate[], ...known: readonly MadeCertificate[]) =>
    findVerifiedEnd(read(...chain), readAuthorities(known.map(({ cert }) => cert).join('\n')));
  expect(end([leaf, crossed], root)).toBe(unixS(300));
  expect(end([leaf, crossed], old, root)).toBe(unixS(300));
  expect(end([leaf, crossed], old)).toBe(unixS(3));
  // A root that ends sooner than the path by way of the other.
  const late = makeCrossed({ root: 10, old: 500, crossed: 250, leaf: 300 });
  expect(end([late.leaf, late.crossed], late.root, late.old)).toBe(unixS(250));
  // The order in which they come does not matter, nor does a stranger among them.
  const stranger = makeCertificate({ name: 'stranger', notAfter: inDays(1) });
  expect(end([late.leaf, stranger, late.crossed], late.old)).toBe(unixS(250));
  expect(end([leaf], old)).toBeUndefined();
  expect(end([], root)).toBeUndefined();
});

test('a certificate that signs itself and is trusted is its own path, and many of one name are no work without end', () => {
  const alone = makeCertificate({ name: 'alone', notAfter: inDays(20) });
  expect(findVerifiedEnd(read(alone), readAuthorities(alone.cert))).toBe(unixS(20));
  const keys = makeKeys();
  const ring = Array.from({ length: 60 }, () => makeCertificate({ name: 'ring', authority: true, keys }));
  expect(findVerifiedEnd(read(...ring), readAuthorities(alone.cert))).toBeUndefined();
});

test.each([
  ['http', (port: number) => ({ http: `https://shop.test:${port}/` })],
  ['tls', (port: number) => ({ tls: `shop.test:${port}` })],
  ['tcp', (port: number) => ({ tcp: `shop.test:${port}`, tls: true })],
])(
  'kind %s tells the earliest end of all that was sent and that of the path, as gauges and attributes',
  async (kind, target) => {
    const { root, crossed, leaf } = makeCrossed({ root: 400, old: 500, crossed: 3, leaf: 300 });
    const stranger = makeCertificate({ name: 'stranger', notAfter: inDays(1) });
    const look = async (ca: MadeCertificate, ...chain: readonly MadeCertificate[]): Promise<ProbeRun> => {
      const cert = chain.map((each) => each.cert).join('');
      await using server = await serveHttps({ ...leaf, cert }, (_request, response) => response.end());
      return await probe(await configure(target(server.port)), makeNetwork({ ca: ca.cert }));
    };
    const run = await look(root, leaf, crossed, stranger);
    expect(run.verdict.outcome).toBe('up');
    expect(run.gauges).toEqual({
      'tocsin.probe.tls.earliest_not_after': unixS(1),
      'tocsin.probe.tls.verified_not_after': unixS(300),
    });
    expect(run.attributes).toMatchObject({
      'tocsin.probe.tls.earliest_not_after': inDays(1).toISOString(),
      'tocsin.probe.tls.verified_not_after': inDays(300).toISOString(),
    });
    // What expectations count stays what it was.
    expect(run.tlsNotAfterUnixS).toBe(unixS(kind === 'tls' ? 300 : 1));
    const refused = await look(stranger, leaf, crossed);
    expect(refused.verdict.outcome).toBe('down');
    expect(refused.gauges).toEqual({ 'tocsin.probe.tls.earliest_not_after': unixS(3) });
  },
);

test('over redirects the certificate that ends first counts, whichever stop has it', async () => {
  const { root, leaf } = makeCrossed({ root: 400, old: 500, crossed: 3, leaf: 300 });
  const soon = makeCertificate({ name: 'soon', hosts: ['127.0.0.1'], issuer: root, notAfter: inDays(5) });
  await using last = await serveHttps(soon, (_request, response) => response.end());
  await using first = await serveHttps(leaf, (_request, response) =>
    response.writeHead(302, { location: `https://127.0.0.1:${last.port}/` }).end(),
  );
  const settings = { http: `https://127.0.0.1:${first.port}/`, expect: { certificate_days: 10 } };
  const run = await probe(await configure(settings), makeNetwork({ ca: root.cert }));
  expect(run.verdict).toMatchObject({ outcome: 'down', reason: 'certificate_expiring' });
  expect(run.tlsNotAfterUnixS).toBe(unixS(5));
  expect(run.gauges).toEqual({
    'tocsin.probe.tls.earliest_not_after': unixS(5),
    'tocsin.probe.tls.verified_not_after': unixS(5),
  });
});

test('the command line shows both, by the authorities of a ca_file', async () => {
  const { root, crossed, leaf } = makeCrossed({ root: 400, old: 500, crossed: 3, leaf: 300 });
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-path-'));
  try {
    await writeFile(join(folder, 'ca.pem'), root.cert);
    await using server = await serveHttps({ ...leaf, cert: leaf.cert + crossed.cert }, (_request, response) =>
      response.end(),
    );
    let out = '';
    const code = await runProbeCommand({
      args: [`https://127.0.0.1:${server.port}/`, '--set', 'tls.ca_file=ca.pem'],
      env: {},
      workingDir: folder,
      isColored: false,
      signal: new AbortController().signal,
      out: (text) => (out += text),
      complain: (text) => (out += text),
    });
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/certificate {2}verified until \S+ \((?:299|300) days\), TLS 1\.3\n/),
    ]);
    expect(out).toMatch(/\n {15}the earliest that was sent until \S+ \([23] days\)\n/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
