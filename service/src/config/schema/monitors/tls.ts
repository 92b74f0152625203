import { z } from 'zod';
import { ALWAYS, asMapping, isGiven, refuseIn } from '../cross-checks.ts';
import { hostPort, text } from '../scalars.ts';
import type { Severity } from '../severity.ts';
import { checkEveryKind, everyKindOf, everyKindSettings } from './every-kind.ts';
import { certificateDays, expectations, latency, oneOrMore, tlsVersion } from './expectations.ts';
import { tlsClientOf, tlsSettings } from './http-connection.ts';
import { latencyLimitsOf, ownSeverity } from './shared-expectation.ts';
import { startTls } from './tcp.ts';

/** SHA-256 of a certificate: 64 hexadecimal digits, colons or not; read as upper case with colons, as Node writes it. */
const fingerprint = text
  .refine((value) => /^(?:[0-9a-f]{2}:?){31}[0-9a-f]{2}$/i.test(value), {
    params: { expected: 'a SHA-256 fingerprint of 64 hexadecimal digits' },
    message: 'expected a SHA-256 fingerprint of 64 hexadecimal digits',
  })
  .transform((value) => (value.replaceAll(':', '').toUpperCase().match(/../g) ?? []).join(':'));

const expectation = z
  .strictObject({
    certificate_days: certificateDays.optional(),
    tls_version: tlsVersion.optional(),
    cipher: oneOrMore(text).optional(),
    issuer: oneOrMore(text).optional(),
    fingerprint: oneOrMore(fingerprint).optional(),
    latency: latency.optional(),
    severity: ownSeverity,
  })
  .transform((value) => {
    const severity = value.severity ?? 'down';
    const expected: TlsExpectation[] = [
      ...(value.tls_version === undefined ? [] : [{ subject: 'version' as const, min: value.tls_version, severity }]),
      ...(value.cipher ? [{ subject: 'cipher' as const, allowed: value.cipher, severity }] : []),
      ...(value.issuer ? [{ subject: 'issuer' as const, allowed: value.issuer, severity }] : []),
      ...(value.fingerprint ? [{ subject: 'fingerprint' as const, allowed: value.fingerprint, severity }] : []),
      ...(value.certificate_days === undefined
        ? []
        : [
            {
              subject: 'days' as const,
              min: value.certificate_days,
              severity: value.severity ?? ('degraded' as const),
            },
          ]),
    ];
    return { expected, latency: value.latency, severity: value.severity };
  });

/** One thing a handshake must show, and what it means where it does not. */
export type TlsExpectation = { readonly severity: Severity } & (
  | { readonly subject: 'version'; readonly min: z.output<typeof tlsVersion> }
  | { readonly subject: 'cipher' | 'issuer' | 'fingerprint'; readonly allowed: readonly string[] }
  /** The chain must still be valid for so many days. */
  | { readonly subject: 'days'; readonly min: number }
);

const SOON: TlsExpectation = { subject: 'days', min: 14, severity: 'degraded' };

/** A monitor whose target is the TLS of a port: its certificate, version and cipher. */
export const tlsMonitor = z
  .strictObject({
    kind: z.literal('tls'),
    ...everyKindSettings(10_000),
    tls: hostPort,
    starttls: startTls.optional(),
    ...tlsSettings.shape,
    alpn: z.array(text).max(20).default([]),
    expect: expectations(expectation).optional(),
  })
  .superRefine(checkEveryKind, ALWAYS)
  .superRefine((value: unknown, context) => {
    const given = asMapping(value);
    const refuse = refuseIn(context);
    if (isGiven(given, 'cert_file') && !isGiven(given, 'key_file')) refuse(['cert_file'], 'key_file beside cert_file');
    if (isGiven(given, 'key_file') && !isGiven(given, 'cert_file')) refuse(['key_file'], 'cert_file beside key_file');
  }, ALWAYS)
  .transform((value) => {
    const entries = value.expect ?? [];
    const expected = entries.flatMap((entry) => entry.expected);
    return {
      ...everyKindOf(value, 5 * 60_000),
      kind: value.kind,
      endpoint: value.tls,
      starttls: value.starttls,
      tls: tlsClientOf(value),
      alpn: value.alpn,
      expect: {
        latency: latencyLimitsOf(entries),
        handshake: expected.some(({ subject }) => subject === 'days') ? expected : [...expected, SOON],
      },
    };
  });
