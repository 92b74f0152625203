import { z } from 'zod';
import { ALWAYS, asMapping, isGiven, refuseIn } from '../cross-checks.ts';
import { duration, flag, positiveDuration, text } from '../scalars.ts';
import { checkEveryKind, everyKindOf, everyKindSettings, type MonitorSchedule } from './every-kind.ts';

const expectedToken = 'a token of 16 to 128 letters, digits, - and _';
const token = text.refine((value) => /^[A-Za-z0-9_-]{16,128}$/.test(value), {
  params: { expected: expectedToken },
  message: `expected ${expectedToken}`,
});

/** A monitor whose target calls us: a job that reports that it ran. */
export const heartbeatMonitor = z
  .strictObject({
    kind: z.literal('heartbeat'),
    ...everyKindSettings(),
    heartbeat: token,
    period: positiveDuration.optional(),
    grace: duration.default(5 * 60_000),
    max_duration: positiveDuration.optional(),
    wait_for_first: flag.default(true),
  })
  .superRefine(checkEveryKind, ALWAYS)
  .superRefine((value: unknown, context) => {
    const given = asMapping(value);
    const refuse = refuseIn(context);
    if (isGiven(given, 'period') && isGiven(given, 'cron')) refuse(['cron'], 'either period or cron, not both');
    if (!isGiven(given, 'period') && !isGiven(given, 'cron')) refuse([], 'period or cron beside heartbeat');
  }, ALWAYS)
  .transform((value) => ({
    ...everyKindOf(value),
    kind: value.kind,
    /** How often what came is judged. */
    schedule: { type: 'interval', intervalMs: value.interval ?? 10_000 } as MonitorSchedule,
    token: value.heartbeat,
    /** When calls are expected. */
    expected:
      value.cron === undefined
        ? { type: 'period' as const, periodMs: value.period ?? 0 }
        : { type: 'cron' as const, expression: value.cron, timeZone: value.timezone ?? 'UTC' },
    /** How much later than expected a call may come. */
    graceMs: value.grace,
    /** How long a job may run from its start to its end. */
    maxDurationMs: value.max_duration,
    /** Whether a job that never called is unknown instead of missed. */
    waitForFirst: value.wait_for_first,
  }));
