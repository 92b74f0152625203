import { z } from 'zod';
import { ALWAYS, asMapping, refuseIn } from '../cross-checks.ts';
import { flag, hostPort, text } from '../scalars.ts';
import { checkEveryKind, everyKindOf, everyKindSettings } from './every-kind.ts';
import { expectations, latency } from './expectations.ts';
import { tlsClientOf, tlsSettings } from './http-connection.ts';
import { latencyLimitsOf, ownSeverity } from './shared-expectation.ts';

const expectation = z.strictObject({ latency: latency.optional(), severity: ownSeverity });

/** A monitor whose target is a gRPC server that speaks the health protocol. */
export const grpcMonitor = z
  .strictObject({
    kind: z.literal('grpc'),
    ...everyKindSettings(),
    grpc: hostPort,
    service: z.string().default(''),
    tls: z.union([flag, tlsSettings]).optional(),
    authority: text.optional(),
    metadata: z.record(z.string(), z.string()).default({}),
    expect: expectations(expectation).optional(),
  })
  .superRefine(checkEveryKind, ALWAYS)
  .superRefine((value: unknown, context) => {
    for (const key of Object.keys(asMapping(asMapping(value)['metadata']))) {
      const isGood = /^[0-9a-z_.-]+$/.test(key) && !key.startsWith('grpc-') && !key.endsWith('-bin');
      if (!isGood)
        refuseIn(context)(['metadata', key], 'a key of lower-case letters, digits, - _ and . (no grpc-…, no …-bin)');
    }
  }, ALWAYS)
  .transform((value) => ({
    ...everyKindOf(value),
    kind: value.kind,
    endpoint: value.grpc,
    /** The service whose health is asked; empty is the whole server. */
    service: value.service,
    isSecure: value.tls !== undefined && value.tls !== false,
    tls: tlsClientOf(typeof value.tls === 'object' ? value.tls : undefined),
    authority: value.authority,
    metadata: value.metadata,
    expect: { latency: latencyLimitsOf(value.expect ?? []) },
  }));
