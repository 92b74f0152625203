import { z } from 'zod';
import { type Mapping, mappingsIn, type Refuse, refuseIn, textAt } from '../cross-checks.ts';
import { scalar, text, timeZone } from '../scalars.ts';

/** From and to, both belonging to it. */
export interface InclusiveRange {
  readonly from: number;
  readonly to: number;
}

/** Times of the week or the year; what is `undefined` is any. Source: Alertmanager documentation, "Configuration", `<time_interval_spec>`. */
export interface TimeInterval {
  /** Minutes of the day; the end does not belong to it. 24:00 is 1440. */
  readonly times: readonly { readonly startMinute: number; readonly endMinute: number }[] | undefined;
  /** 0 is Sunday. */
  readonly weekdays: readonly InclusiveRange[] | undefined;
  /** Negative ones count from the end of the month: -1 is its last day. */
  readonly daysOfMonth: readonly InclusiveRange[] | undefined;
  readonly months: readonly InclusiveRange[] | undefined;
  readonly years: readonly InclusiveRange[] | undefined;
  /** An IANA time zone; `Local` is the machine's. */
  readonly location: string;
}

/** A name and the times it stands for: those of any of its intervals. */
export interface NamedTimeInterval {
  readonly name: string;
  readonly intervals: readonly TimeInterval[];
}

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];

/** `from:to`, or one member of the range alone. */
function range(
  expected: string,
  member: (word: string) => number | undefined,
  isRange: (range: InclusiveRange) => boolean,
) {
  return scalar(expected, (value): InclusiveRange | undefined => {
    const words = String(value).toLowerCase().split(':');
    const [from, to = from] = words.map(member);
    if (words.length > 2 || from === undefined || to === undefined) return undefined;
    return isRange({ from, to }) ? { from, to } : undefined;
  });
}

const wholeNumber = (word: string): number | undefined => (/^-?\d{1,9}$/.test(word) ? Number(word) : undefined);
const within = (lowest: number, highest: number, value: number): boolean => value >= lowest && value <= highest;
const rises = ({ from, to }: InclusiveRange): boolean => from <= to;
/** The shortest month decides whether an end can come after its start. */
const inShortMonth = (day: number): number => (day < 0 ? day + 28 : day);

const weekday = range(
  'a weekday such as saturday, or a range such as monday:friday in the order of a week that begins with sunday',
  (word) => (WEEKDAYS.includes(word) ? WEEKDAYS.indexOf(word) : undefined),
  rises,
);
const dayOfMonth = range(
  'a day of the month (1 to 31, or -1 to -31 from its end), or a range such as 1:5 or -3:-1',
  (word) => {
    const day = wholeNumber(word) ?? 0;
    return day !== 0 && within(-31, 31, day) ? day : undefined;
  },
  ({ from, to }) => !(from < 0 && to > 0) && inShortMonth(from) <= inShortMonth(to),
);
const month = range(
  'a month such as may or 5, or a range such as january:march',
  (word) => {
    const number = MONTHS.includes(word) ? MONTHS.indexOf(word) + 1 : wholeNumber(word);
    return number !== undefined && within(1, 12, number) ? number : undefined;
  },
  rises,
);
const year = range('a year such as 2027, or a range such as 2027:2030', wholeNumber, rises);

const minuteOfDay = scalar('a time such as 09:00, or 24:00', (value) => {
  const [, hours, minutes] = /^([01]\d|2[0-3]|24):([0-5]\d)$/.exec(String(value)) ?? [];
  const minute = Number(hours) * 60 + Number(minutes);
  return minute <= 1_440 ? minute : undefined;
});

const location = scalar('an IANA time zone such as Europe/Berlin, or Local', (value) =>
  value === 'Local' || timeZone.safeParse(value).success ? String(value) : undefined,
);

const times = z
  .strictObject({ start_time: minuteOfDay, end_time: minuteOfDay })
  .superRefine(({ start_time: start, end_time: end }, context) => {
    if (start >= end) refuseIn(context)(['end_time'], 'an end after the start (split what crosses midnight)');
  });

const timeInterval = z.strictObject({
  times: z.array(times).optional(),
  weekdays: z.array(weekday).optional(),
  days_of_month: z.array(dayOfMonth).optional(),
  months: z.array(month).optional(),
  years: z.array(year).optional(),
  location: location.optional(),
});

/** An entry of `time_intervals`, or of the older `mute_time_intervals`. */
export const namedTimeInterval = z
  .strictObject({ name: text, time_intervals: z.array(timeInterval).default([]) })
  .transform((value): NamedTimeInterval => ({
    name: value.name,
    intervals: value.time_intervals.map((interval) => ({
      times: interval.times?.map(({ start_time, end_time }) => ({ startMinute: start_time, endMinute: end_time })),
      weekdays: interval.weekdays,
      daysOfMonth: interval.days_of_month,
      months: interval.months,
      years: interval.years,
      location: interval.location ?? 'UTC',
    })),
  }));

/** Refuses names used twice. @returns the names */
export function checkTimeIntervals(alerting: Mapping, refuse: Refuse): ReadonlySet<string> {
  const names = new Set<string>();
  for (const list of ['time_intervals', 'mute_time_intervals']) {
    for (const [index, entry] of mappingsIn(alerting[list])) {
      const name = textAt(entry, 'name');
      if (name !== undefined && names.has(name)) refuse([list, index, 'name'], 'a name of time intervals used once');
      if (name !== undefined) names.add(name);
    }
  }
  return names;
}
