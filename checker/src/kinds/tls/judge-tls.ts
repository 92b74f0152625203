import type { X509Certificate } from 'node:crypto';
import type { MonitorOf } from '@tocsin/service/config';
import { unmet, type Verdict } from '../../verdict.ts';

export type TlsExpectation = MonitorOf<'tls'>['expect']['handshake'][number];

/** What a handshake showed. */
export interface Handshake {
  /** As `TLSv1.3`. */
  readonly protocol: string;
  /** OpenSSL's and the standard's name of the cipher suite. */
  readonly ciphers: readonly string[];
  readonly leaf: X509Certificate | undefined;
  /** When the first certificate of the path that we trust ends (without such a path the first of all), Unix time in seconds. */
  readonly trustedUntilUnixS: number | undefined;
}

const DAY_S = 86_400;

/**
 * Why the handshake is not what is expected.
 * @returns `undefined` where it is
 */
export function judgeHandshake(
  expected: TlsExpectation,
  shown: Handshake,
  target: string,
  nowUnixS: number,
): Verdict | undefined {
  const { protocol, ciphers, leaf, trustedUntilUnixS } = shown;
  switch (expected.subject) {
    case 'version': {
      const found = protocol.replace(/^TLSv/, '').replace(/^1$/, '1.0');
      if (Number(found) >= Number(expected.min)) return undefined;
      const sentence = `expected TLS ${expected.min} or newer of ${target}, found ${protocol}`;
      return unmet(expected.severity, 'tls_version_too_old', sentence);
    }
    case 'cipher': {
      const wanted = expected.allowed.map((name) => name.toUpperCase());
      if (ciphers.some((name) => wanted.includes(name.toUpperCase()))) return undefined;
      const sentence = `expected a cipher of ${target} out of ${expected.allowed.join(', ')}, found ${ciphers.join(' / ')}`;
      return unmet(expected.severity, 'tls_cipher_mismatch', sentence);
    }
    case 'issuer': {
      const issuer = (leaf?.issuer ?? '').replaceAll('\n', ', ');
      if (expected.allowed.some((part) => issuer.includes(part))) return undefined;
      const sentence = `expected a certificate issued by ${expected.allowed.join(' or ')}, found ${issuer}`;
      return unmet(expected.severity, 'tls_pin_mismatch', sentence);
    }
    case 'fingerprint': {
      const found = leaf?.fingerprint256 ?? 'none';
      if (expected.allowed.includes(found)) return undefined;
      return unmet(
        expected.severity,
        'tls_pin_mismatch',
        `expected ${expected.allowed.join(' or ')} as SHA-256 of the certificate, found ${found}`,
      );
    }
    case 'days': {
      if (trustedUntilUnixS === undefined) return undefined;
      const days = (trustedUntilUnixS - nowUnixS) / DAY_S;
      if (days >= expected.min) return undefined;
      const until = new Date(trustedUntilUnixS * 1_000).toISOString();
      const sentence = `expected the certificate of ${target} to be valid for ${expected.min} more days, found ${days.toFixed(1)} (until ${until})`;
      return unmet(expected.severity, 'tls_expiring', sentence);
    }
  }
}
