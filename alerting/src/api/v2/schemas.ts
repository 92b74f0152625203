import type { z } from 'zod';
import { sharedSchema } from '../framework/zod.ts';

/*
 * The shapes of Alertmanager's API. Source: Alertmanager, OpenAPI specification of API v2. As there, fields that it does not know
 * are passed over.
 */

/** A time as ISO 8601 in UTC. */
export const shownTime = sharedSchema((z) => z.string().meta({ format: 'date-time' }));

export const labelSet = sharedSchema((z) => z.record(z.string(), z.string()));

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;
/** Go's zero time, 0001-01-01, stands for none. */
const YEAR_2_MS = Date.parse('0002-01-01T00:00:00Z');

/** A time as Unix milliseconds; `undefined` for Go's zero time and for empty text. */
export const postedTime = sharedSchema((z) =>
  z
    .string()
    .transform((text, context): number | undefined => {
      if (text === '') return undefined;
      const timeMs = RFC_3339.test(text) ? Date.parse(text) : Number.NaN;
      if (Number.isNaN(timeMs))
        context.addIssue({ code: 'custom', message: 'a time as in RFC 3339 (2026-11-25T03:00:00Z)' });
      return timeMs < YEAR_2_MS ? undefined : timeMs;
    })
    .meta({ format: 'date-time' }),
);

/** A time that has to be there. */
export const requiredTime = sharedSchema((z) =>
  postedTime(z).transform((timeMs, context): number => {
    if (timeMs !== undefined) return timeMs;
    context.addIssue({ code: 'custom', message: 'a time as in RFC 3339 (2026-11-25T03:00:00Z)' });
    return z.NEVER;
  }),
);

/** What clients leave out or set to null. */
export function orNothing<Value>(schema: z.ZodType<Value>): z.ZodType<Value | undefined> {
  return schema.nullish().transform((value) => value ?? undefined) as unknown as z.ZodType<Value | undefined>;
}

export const receiverReference = sharedSchema((z) => z.object({ name: z.string() }));

export const gettableAlert = sharedSchema((z) =>
  z
    .object({
      annotations: labelSet(z),
      endsAt: shownTime(z),
      fingerprint: z.string(),
      receivers: z.array(receiverReference(z)),
      startsAt: shownTime(z),
      status: z.object({
        inhibitedBy: z.array(z.string()),
        mutedBy: z.array(z.string()),
        silencedBy: z.array(z.string()),
        state: z.enum(['active', 'suppressed', 'unprocessed']),
      }),
      updatedAt: shownTime(z),
      generatorURL: z.string().optional(),
      labels: labelSet(z),
    })
    .meta({ id: 'GettableAlert' }),
);
export type GettableAlert = z.output<ReturnType<typeof gettableAlert>>;

export const alertGroup = sharedSchema((z) =>
  z
    .object({
      labels: labelSet(z),
      routeLabels: labelSet(z),
      receiver: receiverReference(z),
      alerts: z.array(gettableAlert(z)),
    })
    .meta({ id: 'AlertGroup' }),
);

export const postableAlert = sharedSchema((z) =>
  z.object({
    labels: labelSet(z),
    annotations: orNothing(labelSet(z)),
    startsAt: orNothing(postedTime(z)),
    endsAt: orNothing(postedTime(z)),
    generatorURL: orNothing(z.string()),
  }),
);

/** The most alerts of one request; ours, Alertmanager has no limit (Prometheus sends 256 at most). Reading more would hold up everything else. */
export const MAX_PUSHED_AT_ONCE = 20_000;

/** What is too long is not looked at. */
export const postableAlerts = sharedSchema((z) =>
  z.preprocess(
    (value, context) => {
      if (!Array.isArray(value) || value.length <= MAX_PUSHED_AT_ONCE) return value;
      context.addIssue({ code: 'custom', message: `at most ${MAX_PUSHED_AT_ONCE} alerts in one request` });
      return z.NEVER;
    },
    z.array(postableAlert(z)),
  ),
);

export const matcher = sharedSchema((z) =>
  z.object({
    name: z.string().min(1),
    value: z.string(),
    isRegex: z.boolean(),
    isEqual: z.boolean().nullish(),
  }),
);
export type PostedMatcher = z.output<ReturnType<typeof matcher>>;

export const postableSilence = sharedSchema((z) =>
  z.object({
    id: orNothing(z.string()),
    matchers: z.array(matcher(z)).min(1),
    startsAt: requiredTime(z),
    endsAt: requiredTime(z),
    createdBy: z.string(),
    comment: z.string(),
    annotations: orNothing(labelSet(z)),
  }),
);

export const gettableSilence = sharedSchema((z) =>
  z
    .object({
      id: z.string(),
      status: z.object({ state: z.enum(['expired', 'active', 'pending']) }),
      updatedAt: shownTime(z),
      matchers: z.array(z.object({ name: z.string(), value: z.string(), isRegex: z.boolean(), isEqual: z.boolean() })),
      startsAt: shownTime(z),
      endsAt: shownTime(z),
      createdBy: z.string(),
      comment: z.string(),
      annotations: labelSet(z),
    })
    .meta({ id: 'GettableSilence' }),
);
export type GettableSilence = z.output<ReturnType<typeof gettableSilence>>;
