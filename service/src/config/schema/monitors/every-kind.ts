import { validate as isCron } from 'node-cron';
import type { z } from 'zod';
import { asMapping, isGiven, refuseIn } from '../cross-checks.ts';
import { positiveDuration, text, timeZone } from '../scalars.ts';

const cron = text.refine((value) => isCron(value), {
  params: { expected: 'a cron expression such as "*/5 * * * *"' },
  message: 'expected a cron expression such as "*/5 * * * *"',
});

/** The settings of every kind of monitor that looks at a target on a schedule. */
export function everyKindSettings(timeoutMs = 5_000) {
  return {
    name: text,
    interval: positiveDuration.optional(),
    cron: cron.optional(),
    timezone: timeZone.optional(),
    timeout: positiveDuration.default(timeoutMs),
  };
}

/** What holds between the common settings. For `superRefine(checkEveryKind, ALWAYS)`. */
export function checkEveryKind(value: unknown, context: z.RefinementCtx): void {
  const refuse = refuseIn(context);
  const given = asMapping(value);
  if (isGiven(given, 'interval') && isGiven(given, 'cron')) refuse(['cron'], 'either interval or cron, not both');
  if (isGiven(given, 'timezone') && !isGiven(given, 'cron')) refuse(['timezone'], 'a timezone only beside cron');
  const interval = given['interval'];
  if (typeof interval === 'number' && interval < 1_000) refuse(['interval'], 'an interval of at least 1s');
}

type Settings = z.output<z.ZodObject<ReturnType<typeof everyKindSettings>>>;

/** When a monitor runs. */
export type MonitorSchedule =
  | { readonly type: 'interval'; readonly intervalMs: number }
  | { readonly type: 'cron'; readonly expression: string; readonly timeZone: string };

/** The common part of a monitor. Durations in milliseconds. */
export interface EveryKind {
  readonly name: string;
  readonly schedule: MonitorSchedule;
  /** Of a whole run. */
  readonly timeoutMs: number;
}

/**
 * Reads the common settings.
 * @param intervalMs the kind's own default
 */
export function everyKindOf(value: Settings, intervalMs = 60_000): EveryKind {
  return {
    name: value.name,
    schedule:
      value.cron === undefined
        ? { type: 'interval', intervalMs: value.interval ?? intervalMs }
        : { type: 'cron', expression: value.cron, timeZone: value.timezone ?? 'UTC' },
    timeoutMs: value.timeout,
  };
}
