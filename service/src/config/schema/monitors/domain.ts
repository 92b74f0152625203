import { domainToASCII } from 'node:url';
import { z } from 'zod';
import { ALWAYS, asMapping, refuseIn } from '../cross-checks.ts';
import { httpUrl, text, wholeNumber } from '../scalars.ts';
import type { Severity } from '../severity.ts';
import { checkEveryKind, everyKindOf, everyKindSettings } from './every-kind.ts';
import { expectations, latency, oneOrMore } from './expectations.ts';
import { checkConnection, connectionOf, connectionSettings } from './http-connection.ts';
import { latencyLimitsOf, ownSeverity } from './shared-expectation.ts';

/** Registries count what they are asked, and a registration changes rarely. */
const SHORTEST_INTERVAL_MS = 60 * 60_000;
const INTERVAL_MS = 6 * SHORTEST_INTERVAL_MS;

const expectedName = 'a registered domain such as example.com';
const name = text
  .transform((value) => domainToASCII(value.replace(/\.$/, '')))
  .refine(
    (value) =>
      value.length <= 253 && /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/.test(value),
    {
      params: { expected: expectedName },
      message: `expected ${expectedName}`,
    },
  );

/** `clientHold` (EPP) and `client hold` (RFC 8056) are the same; read as the latter. */
const status = text.transform((value) => value.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase());

const expectation = z
  .strictObject({
    domain_days: wholeNumber(0, 3_650).optional(),
    registrar: oneOrMore(text).optional(),
    not_status: oneOrMore(status).optional(),
    latency: latency.optional(),
    severity: ownSeverity,
  })
  .transform((value) => {
    const severity = value.severity ?? 'down';
    const soon = value.severity ?? 'degraded';
    const expected: DomainExpectation[] = [
      ...(value.not_status ? [{ subject: 'status' as const, refused: value.not_status, severity }] : []),
      ...(value.registrar ? [{ subject: 'registrar' as const, allowed: value.registrar, severity }] : []),
      ...(value.domain_days === undefined
        ? []
        : [{ subject: 'days' as const, min: value.domain_days, severity: soon }]),
    ];
    return { expected, latency: value.latency, severity: value.severity };
  });

/** One thing a registration must be, and what it means where it is not. */
export type DomainExpectation = { readonly severity: Severity } & (
  | { readonly subject: 'days'; readonly min: number }
  | { readonly subject: 'registrar'; readonly allowed: readonly string[] }
  | { readonly subject: 'status'; readonly refused: readonly string[] }
);

/** What is expected unless something else is said of it. A domain on hold is not in the DNS. */
const DEFAULTS: readonly DomainExpectation[] = [
  { subject: 'status', refused: ['client hold', 'server hold'], severity: 'down' },
  { subject: 'days', min: 30, severity: 'degraded' },
];

/** A monitor whose target is the registration of a domain. */
export const domainMonitor = z
  .strictObject({
    kind: z.literal('domain'),
    ...everyKindSettings(15_000),
    domain: name,
    rdap_server: httpUrl.optional(),
    tls: connectionSettings.tls,
    proxy: httpUrl.optional(),
    ip: connectionSettings.ip,
    expect: expectations(expectation).optional(),
  })
  .superRefine(checkEveryKind, ALWAYS)
  .superRefine((value: unknown, context) => {
    const [given, refuse] = [asMapping(value), refuseIn(context)];
    checkConnection(given, refuse);
    const { interval } = given;
    if (typeof interval === 'number' && interval < SHORTEST_INTERVAL_MS)
      refuse(['interval'], 'an interval of at least 1h: registries limit what they are asked');
  }, ALWAYS)
  .transform((value) => {
    const entries = value.expect ?? [];
    const expected = entries.flatMap((entry) => entry.expected);
    return {
      ...everyKindOf(value, INTERVAL_MS),
      kind: value.kind,
      /** In the form of the DNS (`xn--…`), lower case. */
      domain: value.domain,
      /** `undefined`: the one that IANA names. */
      rdapServer: value.rdap_server,
      connection: connectionOf({ ...value, version: 'auto' as const }),
      expect: {
        latency: latencyLimitsOf(entries),
        registration: [
          ...DEFAULTS.filter(({ subject }) => !expected.some((each) => each.subject === subject)),
          ...expected,
        ],
      },
    };
  });
