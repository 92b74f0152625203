import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { makeCertificate } from '../certificates.ts';
import { phaseNames, probe } from '../monitors.ts';
import { configure } from './configured.ts';
import { serveTls } from './targets.ts';
import { DAY_MS, ca, network, sign, good, silent, look } from './subjects/tls.ts';

describe('a certificate', () => {
  test('is told in the result: subject, issuer, chain, dates, version, cipher', async () => {
    const run = await look({ ...good, cert: good.cert + ca.cert });
    expect(phaseNames(run)).toBe('resolve connect tls');
    expect(run.verdict.message).toMatch(/^TLSv1\.3, TLS_\w+, valid for 29 more days$/);
    expect(run.attributes).toMatchObject({
      'tls.protocol.version': '1.3',
      'tls.server.subject': 'CN=shop',
      'tls.server.issuer': 'CN=test ca',
      'tocsin.probe.tls.chain': 'CN=shop < CN=test ca',
      'tls.server.hash.sha256': new X509Certificate(good.cert).fingerprint256.replaceAll(':', ''),
    });
  });

  test('that ends soon is degraded by default, and down where that is configured', async () => {
    const soon = sign({ notAfter: new Date(Date.now() + 5 * DAY_MS) });
    const byDefault = await look(soon);
    expect(byDefault.verdict).toMatchObject({ outcome: 'degraded', reason: 'tls_expiring' });
    expect(byDefault.verdict.message).toMatch(/to be valid for 14 more days, found (5\.0|4\.9) \(until 20/);
    expect((await look(soon, { expect: { certificate_days: 3 } })).verdict).toMatchObject({ outcome: 'up' });
    const strict = await look(soon, { expect: { certificate_days: 7, severity: 'down' } });
    expect(strict.verdict).toMatchObject({ outcome: 'down', reason: 'tls_expiring' });
  });

  test('that is not valid yet, or comes from nobody we trust', async () => {
    const early = sign({ notBefore: new Date(Date.now() + DAY_MS), notAfter: new Date(Date.now() + 9 * DAY_MS) });
    expect((await look(early)).verdict).toMatchObject({ outcome: 'down', reason: 'tls_not_yet_valid' });
    const stranger = makeCertificate({ name: 'other ca', authority: true });
    expect((await look(sign({ issuer: stranger }))).verdict).toMatchObject({
      outcome: 'down',
      reason: 'tls_untrusted',
    });
    const insecure = await look(sign({ issuer: stranger }), { insecure: true });
    expect(insecure.verdict.outcome).toBe('up');
    expect(insecure.attributes).toMatchObject({ 'tocsin.probe.tls.insecure': true });
  });

  test('is pinned by its fingerprint and its issuer', async () => {
    const { fingerprint256 } = new X509Certificate(good.cert);
    const written = fingerprint256.replaceAll(':', '').toLowerCase();
    expect((await look(good, { expect: { fingerprint: written, issuer: 'test ca' } })).verdict.outcome).toBe('up');
    const other = await look(good, { expect: { fingerprint: '00'.repeat(32) } });
    expect(other.verdict).toMatchObject({ outcome: 'down', reason: 'tls_pin_mismatch' });
    expect(other.verdict.message).toContain(fingerprint256);
    const issuer = await look(good, { expect: { issuer: ["Let's Encrypt", 'ZeroSSL'] } });
    expect(issuer.verdict.message).toBe("expected a certificate issued by Let's Encrypt or ZeroSSL, found CN=test ca");
  });
});

describe('a handshake', () => {
  test('is judged by its version and cipher, each with a severity of its own', async () => {
    const settings = { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' };
    const expected = [{ tls_version: '1.3', severity: 'degraded' }, { cipher: 'TLS_AES_256_GCM_SHA384' }];
    const run = await look(good, { expect: expected }, settings);
    expect(run.verdict).toMatchObject({ outcome: 'down', reason: 'tls_cipher_mismatch' });
    const version = await look(good, { expect: [expected[0]] }, settings);
    expect(version.verdict).toMatchObject({ outcome: 'degraded', reason: 'tls_version_too_old' });
    const byEitherName = { cipher: ['ECDHE-ECDSA-AES128-GCM-SHA256'] };
    expect((await look(good, { expect: byEitherName }, settings)).verdict.outcome).toBe('up');
  });

  test('with a server that speaks only older versions says so', async () => {
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };
    const { verdict } = await look(good, {}, old);
    expect(verdict).toMatchObject({ outcome: 'down', reason: 'tls_version_too_old' });
  });

  test('asks for another name where one is configured, and chooses by ALPN', async () => {
    const settings = { server_name: 'shop.test', alpn: ['h2'] };
    await using target = await serveTls({ cert: good.cert, key: good.key, ALPNProtocols: ['h2'] }, silent);
    const run = await probe(await configure({ tls: `10.test:${target.port}`, ...settings }), network);
    expect(run.verdict.outcome).toBe('up');
    expect(run.attributes).toMatchObject({ 'tls.next_protocol': 'h2' });
  });
});
