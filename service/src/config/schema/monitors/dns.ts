import { z } from 'zod';
import { type Address, parseAddress } from '../../address.ts';
import { ALWAYS, asMapping, isGiven, refuseIn } from '../cross-checks.ts';
import { flag, positiveDuration, text, wholeNumber } from '../scalars.ts';
import type { Severity } from '../severity.ts';
import { checkEveryKind, everyKindOf, everyKindSettings } from './every-kind.ts';
import { expectations, latency, oneOrMore, pattern } from './expectations.ts';
import { tlsClientOf, tlsSettings } from './http-connection.ts';
import { latencyLimitsOf, ownSeverity } from './shared-expectation.ts';

/** Types by their names; others by number (RFC 3597), as `TYPE64`. */
const NAMED = [
  'A', 'AAAA', 'CAA', 'CDNSKEY', 'CDS', 'CNAME', 'DNAME', 'DNSKEY', 'DS', 'HINFO', 'HTTPS', 'LOC', 'MX', 'NAPTR', 'NS', 'NSEC',
  'NSEC3', 'OPENPGPKEY', 'PTR', 'RP', 'RRSIG', 'SMIMEA', 'SOA', 'SRV', 'SSHFP', 'SVCB', 'TLSA', 'TXT', 'URI',
]; // prettier-ignore
const expectedType = 'a record type such as A, MX or HTTPS (or TYPE and a number)';
const type = text
  .transform((value) => value.toUpperCase())
  .refine((value) => NAMED.includes(value) || /^TYPE([1-9]\d{0,4})$/.test(value), {
    params: { expected: expectedType },
    message: `expected ${expectedType}`,
  });

const expectedName = 'a domain name of at most 253 characters, with labels of at most 63';
const name = text.refine(
  (value) =>
    value.length <= 254 &&
    (value === '.' ||
      value
        .replace(/\.$/, '')
        .split('.')
        .every((label) => /^[^\s]{1,63}$/.test(label))),
  { params: { expected: expectedName }, message: `expected ${expectedName}` },
);

/** A name or address with or without a port; 0 stands for the port of the transport. */
const expectedServer = 'a host, host:port or [IPv6]:port';
const server = text.transform((value, context): Address => {
  const bare =
    /^\[([0-9a-f:.]+)\]$/i.exec(value)?.[1] ??
    (/^[^:\s/[\]]+$/.test(value) || /^[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*$/i.test(value) ? value : undefined);
  const parsed = bare === undefined ? parseAddress(value) : { host: bare, port: 0 };
  if (parsed && !/^\d+$/.test(value)) return parsed;
  context.addIssue({ code: 'custom', message: `expected ${expectedServer}`, params: { expected: expectedServer } });
  return z.NEVER;
});

const RCODES = [
  'NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED', 'YXDOMAIN', 'YXRRSET', 'NXRRSET', 'NOTAUTH', 'NOTZONE',
] as const; // prettier-ignore

const expectation = z
  .strictObject({
    rcode: oneOrMore(z.enum(RCODES)).optional(),
    records: oneOrMore(text).optional(),
    only_records: oneOrMore(text).optional(),
    records_match: oneOrMore(pattern).optional(),
    records_not_match: oneOrMore(pattern).optional(),
    min_records: wholeNumber(0, 65_535).optional(),
    max_records: wholeNumber(0, 65_535).optional(),
    min_ttl: positiveDuration.optional(),
    max_ttl: positiveDuration.optional(),
    authenticated: flag.optional(),
    latency: latency.optional(),
    severity: ownSeverity,
  })
  .transform((value) => {
    const severity = value.severity ?? 'down';
    const expected: DnsExpectation[] = [
      ...(value.rcode ? [{ subject: 'rcode' as const, allowed: value.rcode, severity }] : []),
      ...(value.authenticated === undefined
        ? []
        : [{ subject: 'authenticated' as const, is: value.authenticated, severity }]),
      ...(value.records ?? []).map((wanted) => ({ subject: 'contains' as const, wanted, severity })),
      ...(value.only_records ? [{ subject: 'equals' as const, wanted: value.only_records, severity }] : []),
      ...(value.records_match ?? []).map((wanted) => ({
        subject: 'matches' as const,
        wanted,
        negated: false,
        severity,
      })),
      ...(value.records_not_match ?? []).map((wanted) => ({
        subject: 'matches' as const,
        wanted,
        negated: true,
        severity,
      })),
      ...range('count', value.min_records, value.max_records, severity),
      ...range('ttl', seconds(value.min_ttl), seconds(value.max_ttl), severity),
    ];
    return { expected, latency: value.latency, severity: value.severity };
  });

function seconds(durationMs: number | undefined): number | undefined {
  return durationMs === undefined ? undefined : durationMs / 1_000;
}

function range(
  subject: 'count' | 'ttl',
  min: number | undefined,
  max: number | undefined,
  severity: Severity,
): DnsExpectation[] {
  return min === undefined && max === undefined ? [] : [{ subject, min, max, severity }];
}

/** One thing an answer must be, and what it means where it is not. */
export type DnsExpectation = { readonly severity: Severity } & (
  | { readonly subject: 'rcode'; readonly allowed: readonly string[] }
  | { readonly subject: 'authenticated'; readonly is: boolean }
  | { readonly subject: 'contains'; readonly wanted: string }
  | { readonly subject: 'equals'; readonly wanted: readonly string[] }
  | { readonly subject: 'matches'; readonly wanted: string; readonly negated: boolean }
  /** `ttl` in seconds. */
  | { readonly subject: 'count' | 'ttl'; readonly min: number | undefined; readonly max: number | undefined }
);

/** A monitor whose target is a name in the DNS. */
export const dnsMonitor = z
  .strictObject({
    kind: z.literal('dns'),
    ...everyKindSettings(),
    dns: name,
    type: type.default('A'),
    server: server.optional(),
    transport: z.enum(['udp', 'tcp', 'tls']).default('udp'),
    tls: tlsSettings.optional(),
    recursion: flag.default(true),
    dnssec: flag.default(false),
    expect: expectations(expectation).optional(),
  })
  .superRefine(checkEveryKind, ALWAYS)
  .superRefine((value: unknown, context) => {
    const given = asMapping(value);
    if (isGiven(given, 'tls') && given['transport'] !== 'tls')
      refuseIn(context)(['tls'], 'tls only beside transport: tls');
  }, ALWAYS)
  .transform((value) => {
    const entries = value.expect ?? [];
    const expected = entries.flatMap((entry) => entry.expected);
    return {
      ...everyKindOf(value),
      kind: value.kind,
      query: { name: value.dns, type: value.type, recursion: value.recursion, dnssec: value.dnssec },
      /** `undefined`: one of the system's own. */
      server: value.server,
      transport: value.transport,
      tls: tlsClientOf(value.tls),
      expect: { latency: latencyLimitsOf(entries), answer: expected },
    };
  });
