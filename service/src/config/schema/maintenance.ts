import { z } from 'zod';
import { ALWAYS, asMapping, isGiven, refuseIn } from './cross-checks.ts';
import { flag, positiveDuration, scalar, text, timeOfDay, timeZone, weekdayOf } from './scalars.ts';

const MAX_DURATION_MS = 7 * 86_400_000;

const localTime = scalar('a date and time without an offset such as 2026-12-01T22:00', (given) => {
  const value = String(given);
  if (!/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?$/.test(value)) return undefined;
  try {
    return Temporal.PlainDateTime.from(value.replace(' ', 'T')).toString();
  } catch {
    return undefined;
  }
});

/** `{ weekday: 7 }` for sunday or sun, `{ dayOfMonth: -1 }` for the last of the month. */
const day = scalar('a weekday such as sunday, or a day of the month (1 to 31, or -1 to -31 from its end)', (given) => {
  const word = String(given);
  const weekday = weekdayOf(word);
  if (weekday > 0) return { weekday } as const;
  const dayOfMonth = /^-?\d{1,2}$/.test(word) ? Number(word) : 0;
  return dayOfMonth !== 0 && Math.abs(dayOfMonth) <= 31 ? ({ dayOfMonth } as const) : undefined;
});
export type MaintenanceDay = z.output<typeof day>;

const oneOrMore = <Item extends z.ZodType>(item: Item) =>
  z.preprocess((value) => (value === undefined || Array.isArray(value) ? value : [value]), z.array(item).min(1));

const settings = {
  name: text,
  timezone: timeZone.default('UTC'),
  start: localTime.optional(),
  end: localTime.optional(),
  days: oneOrMore(day).optional(),
  time: timeOfDay.optional(),
  until: timeOfDay.optional(),
  duration: positiveDuration.optional(),
  mute_alerts: flag.default(true),
  count_in_availability: flag.default(false),
};

/** What holds between the parts of a window. */
function checkWindow(value: unknown, context: z.RefinementCtx): void {
  const refuse = refuseIn(context);
  const given = asMapping(value);
  const has = (key: string): boolean => isGiven(given, key);
  const isOnce = has('start') || has('end');
  if (isOnce === has('time')) return refuse([], 'either start and end (once), or time (again and again)');
  if (isOnce) {
    if (!has('start')) refuse(['start'], 'a start beside end');
    if (has('end') === has('duration')) refuse(['end'], 'either an end or a duration');
    for (const key of ['days', 'until'])
      if (has(key)) refuse([key], `no ${key} beside start: it is for windows with time`);
  } else if (has('until') === has('duration')) refuse(['until'], 'either until or a duration');
  const { start, end, duration } = given;
  if (typeof start === 'string' && typeof end === 'string' && end <= start) refuse(['end'], 'an end after the start');
  if (!isOnce && typeof duration === 'number' && duration > MAX_DURATION_MS)
    refuse(['duration'], 'a duration of at most 7d');
  return undefined;
}

type Settings = z.output<z.ZodObject<typeof settings>>;

/** When a window is, in its zone. Local times are ISO 8601 without an offset. */
export type MaintenanceTimes =
  | {
      readonly type: 'once';
      readonly start: string;
      readonly end: string | undefined;
      readonly durationMs: number | undefined;
    }
  | {
      readonly type: 'recurring';
      /** Empty means every day. */
      readonly days: readonly MaintenanceDay[];
      readonly time: string;
      readonly until: string | undefined;
      readonly durationMs: number | undefined;
    };

/** Time in which a monitor's troubles are expected. */
export interface MaintenanceWindow {
  readonly name: string;
  readonly timeZone: string;
  readonly times: MaintenanceTimes;
  /** Nobody is told of what happens in it. */
  readonly mutesAlerts: boolean;
  /** What happens in it counts in availability all the same. */
  readonly countsInAvailability: boolean;
}

function windowOf(value: Settings): MaintenanceWindow {
  const { name, timezone, start, end, time, until, duration: durationMs } = value;
  return {
    name,
    timeZone: timezone,
    times:
      start === undefined
        ? { type: 'recurring', days: value.days ?? [], time: time ?? '00:00', until, durationMs }
        : { type: 'once', start, end, durationMs },
    mutesAlerts: value.mute_alerts,
    countsInAvailability: value.count_in_availability,
  };
}

/** A window among a monitor's own. */
export const maintenanceWindow = z.strictObject(settings).superRefine(checkWindow, ALWAYS).transform(windowOf);

/** A window of the whole configuration: for the monitors it names, or for all. */
export const maintenance = z.array(
  z
    .strictObject({ ...settings, monitors: oneOrMore(text).optional() })
    .superRefine(checkWindow, ALWAYS)
    .transform((value) => ({ ...windowOf(value), monitors: value.monitors })),
);
