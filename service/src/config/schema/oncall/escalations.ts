import { z } from 'zod';
import { ALWAYS, asMapping, isGiven, refuseIn } from '../cross-checks.ts';
import { positiveDuration, scalar, text, timeZone, wholeNumber } from '../scalars.ts';
import { parseDuration } from '../../duration.ts';
import { partOfWeek } from './times.ts';

/** Whom a step tells: one of the three. */
const target = z
  .strictObject({ user: text.optional(), schedule: text.optional(), receiver: text.optional() })
  .superRefine((value: unknown, context) => {
    const given = asMapping(value);
    if (['user', 'schedule', 'receiver'].filter((key) => isGiven(given, key)).length !== 1)
      refuseIn(context)([], 'one of user, schedule and receiver');
  }, ALWAYS)
  .transform(({ user, schedule, receiver }): EscalationTarget => {
    if (user !== undefined) return { kind: 'user', name: user };
    return schedule !== undefined ? { kind: 'schedule', name: schedule } : { kind: 'receiver', name: receiver ?? '' };
  });

export interface EscalationTarget {
  readonly kind: 'user' | 'schedule' | 'receiver';
  readonly name: string;
}

/** Shorter waits would be so many messages at once. */
const LEAST_WAIT_MS = 10_000;
const wait = scalar('a duration of at least 10s (whoever is to be told at once stands in one step)', (value) => {
  const durationMs = parseDuration(String(value));
  return durationMs !== undefined && durationMs >= LEAST_WAIT_MS ? durationMs : undefined;
});

const step = z
  .strictObject({
    notify: z.array(target).min(1),
    wait: wait.default(300_000),
    severity: z.array(text).min(1).optional(),
    hours: z.array(partOfWeek).min(1).optional(),
  })
  .transform((value) => ({
    notify: value.notify,
    /** Until the next step, in milliseconds. */
    waitMs: value.wait,
    /** Only for alerts of these severities. */
    severities: value.severity,
    /** Only in these parts of the week, in the escalation's zone. */
    hours: value.hours,
  }));

/** Who is told when nobody acknowledges. */
export const escalation = z
  .strictObject({
    name: text,
    timezone: timeZone.default('UTC'),
    steps: z.array(step).min(1),
    repeat: wholeNumber(0, 100).default(2),
    again_after: positiveDuration.default(3_600_000),
  })
  .transform((value) => ({
    name: value.name,
    timeZone: value.timezone,
    steps: value.steps,
    /** How often the steps are gone through again at once. */
    repeat: value.repeat,
    /** After the last of them; so nothing that goes on is ever forgotten. */
    againAfterMs: value.again_after,
  }));

export type Escalation = Readonly<z.output<typeof escalation>>;
