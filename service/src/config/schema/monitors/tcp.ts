import { z } from 'zod';
import { ALWAYS, asMapping, isGiven, mappingsIn, refuseIn } from '../cross-checks.ts';
import { flag, hostPort } from '../scalars.ts';
import { checkEveryKind, everyKindOf, everyKindSettings } from './every-kind.ts';
import { expectations, latency, pattern } from './expectations.ts';
import { tlsClientOf, tlsSettings } from './http-connection.ts';
import { latencyLimitsOf, ownSeverity } from './shared-expectation.ts';

/** The protocols in which TLS can be begun on a connection that is in the clear. */
export const startTls = z.enum(['smtp', 'imap', 'pop3', 'ftp', 'nntp', 'sieve', 'ldap', 'postgres', 'mysql', 'xmpp']);

/** One turn: `send` is sent as written, then a match of `expect` is awaited. */
const turn = z.strictObject({ send: z.string().optional(), expect: pattern.optional() });

const expectation = z.strictObject({ latency: latency.optional(), severity: ownSeverity });

/** A monitor whose target is a TCP port. */
export const tcpMonitor = z
  .strictObject({
    kind: z.literal('tcp'),
    ...everyKindSettings(),
    tcp: hostPort,
    tls: z.union([flag, tlsSettings]).optional(),
    starttls: startTls.optional(),
    dialogue: z.array(turn).min(1).max(50).optional(),
    expect: expectations(expectation).optional(),
  })
  .superRefine(checkEveryKind, ALWAYS)
  .superRefine((value: unknown, context) => {
    const given = asMapping(value);
    const refuse = refuseIn(context);
    if (isGiven(given, 'starttls') && given['tls'] === true) refuse(['starttls'], 'either tls: true or starttls');
    for (const [index, entry] of mappingsIn(given['dialogue'])) {
      if (!isGiven(entry, 'send') && !isGiven(entry, 'expect')) refuse(['dialogue', index], 'send, expect or both');
    }
  }, ALWAYS)
  .transform((value) => ({
    ...everyKindOf(value),
    kind: value.kind,
    tcp: value.tcp,
    /** `start`: from the first byte; else after the words of a protocol; `undefined`: not at all. */
    security: value.starttls ?? (value.tls === undefined || value.tls === false ? undefined : ('start' as const)),
    tls: tlsClientOf(typeof value.tls === 'object' ? value.tls : undefined),
    dialogue: value.dialogue ?? [],
    expect: { latency: latencyLimitsOf(value.expect ?? []) },
  }));
