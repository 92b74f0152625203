import { z } from 'zod';
import { ALWAYS } from '../cross-checks.ts';
import { httpUrl, positiveDuration, text, wholeNumber } from '../scalars.ts';
import { checkEveryKind, everyKindOf, everyKindSettings } from './every-kind.ts';

const statusCode = wholeNumber(100, 599);

const status = z
  .union([statusCode, z.array(statusCode).min(1)])
  .transform((value) => (Array.isArray(value) ? value : [value]));

const oneOrMore = z.union([text, z.array(text).min(1)]).transform((value) => (Array.isArray(value) ? value : [value]));

/** What a probe's answer must be to pass. Durations in milliseconds. */
const expectation = z
  .strictObject({
    status: status.optional(),
    latency: positiveDuration.optional(),
    body_contains: oneOrMore.optional(),
  })
  .transform((value) => ({
    /** Accepted status codes; empty means any 2xx. */
    status: value.status ?? [],
    latencyMs: value.latency,
    bodyContains: value.body_contains ?? [],
  }));

/** A monitor whose target is a URL. */
export const httpMonitor = z
  .strictObject({
    kind: z.literal('http'),
    ...everyKindSettings(),
    http: httpUrl,
    method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']).default('GET'),
    headers: z.record(z.string(), z.string()).default({}),
    body: z.string().optional(),
    expect: expectation.default({ status: [], latencyMs: undefined, bodyContains: [] }),
  })
  .superRefine(checkEveryKind, ALWAYS)
  .transform((value) => ({
    ...everyKindOf(value),
    kind: value.kind,
    http: { url: value.http, method: value.method, headers: value.headers, body: value.body },
    expect: value.expect,
  }));
