import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { findTrustedEnd } from '../../src/kinds/tls/trusted-path.ts';
import { makeCertificate } from '../certificates.ts';

const DAY_MS = 86_400_000;
const inDays = (days: number): Date => new Date(Math.floor(Date.now() / 1_000) * 1_000 + days * DAY_MS);

test('the path to an authority of `ca_file` counts, not an old cross-signature that is presented beside it', () => {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const root = makeCertificate({ name: 'root', authority: true, keys, notAfter: inDays(400) });
  const old = makeCertificate({ name: 'old', authority: true, notAfter: inDays(500) });
  const crossed = makeCertificate({ name: 'root', authority: true, keys, issuer: old, notAfter: inDays(3) });
  const leaf = makeCertificate({ name: 'shop', issuer: root, notAfter: inDays(300) });
  const chain = [leaf, crossed].map(({ cert }) => new X509Certificate(cert));
  expect(findTrustedEnd(chain, root.cert)).toBe(inDays(300).getTime() / 1_000);
  expect(findTrustedEnd(chain, `${old.cert}\n${root.cert}`)).toBe(inDays(300).getTime() / 1_000);
  // Without an authority that is known, all that was presented counts.
  expect(findTrustedEnd(chain, old.cert)).toBe(inDays(3).getTime() / 1_000);
  expect(findTrustedEnd(chain)).toBe(inDays(3).getTime() / 1_000);
});
