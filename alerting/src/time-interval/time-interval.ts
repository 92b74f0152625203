import type { InclusiveRange, NamedTimeInterval, TimeInterval } from '@tocsin/service/config';

/** Named times, made ready to be asked. */
export interface TimeIntervals {
  /** Which of these names' times it is now. */
  within(names: readonly string[], nowMs: number): readonly string[];
}

/** Times by their names; what one look asks again and again is worked out once for each moment. */
export function createTimeIntervals(named: readonly NamedTimeInterval[]): TimeIntervals {
  const byName = new Map(named.map(({ name, intervals }) => [name, intervals]));
  const known = new Map<string, boolean>();
  let momentMs = Number.NaN;
  const isWithin = (name: string, nowMs: number): boolean => {
    if (nowMs !== momentMs) known.clear();
    momentMs = nowMs;
    let answer = known.get(name);
    if (answer === undefined) {
      answer = (byName.get(name) ?? []).some((interval) => containsTime(interval, nowMs));
      known.set(name, answer);
    }
    return answer;
  };
  return { within: (names, nowMs) => names.filter((name) => isWithin(name, nowMs)) };
}

/**
 * Whether a time belongs to an interval, by the calendar and the clock on the wall of its location.
 * Source: Alertmanager documentation, "Configuration", `<time_interval_spec>`.
 */
export function containsTime(interval: TimeInterval, nowMs: number): boolean {
  const zone = interval.location === 'Local' ? Temporal.Now.timeZoneId() : interval.location;
  const at = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(zone);
  const minute = at.hour * 60 + at.minute;
  const fromEnd = (day: number): number => (day < 0 ? at.daysInMonth + day + 1 : day);
  return (
    isAny(interval.times, ({ startMinute, endMinute }) => minute >= startMinute && minute < endMinute) &&
    isAny(interval.daysOfMonth, ({ from, to }) => isIn({ from: fromEnd(from), to: fromEnd(to) }, at.day)) &&
    isAny(interval.months, (range) => isIn(range, at.month)) &&
    // ISO 8601 has 7 for Sunday, Alertmanager 0.
    isAny(interval.weekdays, (range) => isIn(range, at.dayOfWeek % 7)) &&
    isAny(interval.years, (range) => isIn(range, at.year))
  );
}

/** What is not said is any; an empty list is none. */
function isAny<Item>(list: readonly Item[] | undefined, fits: (item: Item) => boolean): boolean {
  return list === undefined || list.some(fits);
}

const isIn = ({ from, to }: InclusiveRange, value: number): boolean => value >= from && value <= to;
