import type { MaintenanceDay, MaintenanceWindow } from '../config/schema/maintenance.ts';

/** A window as it falls: milliseconds since the Unix epoch, the end not part of it. */
export interface Occurrence {
  readonly startMs: number;
  readonly endMs: number;
}

/** How far ahead the next occurrence is looked for: the 29th of February comes within eight years. */
const FURTHEST_DAYS = 8 * 366;
/** A recurring window is at most a week long. */
const LONGEST_DAYS = 8;

/**
 * The occurrence of a window that goes on at a time, or else the next one. Times of day are read in the window's zone as RFC 5545 says
 * (3.3.5): one that a change of the clock leaves out is moved on by the gap, of one that it repeats the first counts.
 * @returns `undefined` where there is none any more
 */
export function findOccurrence(
  { times, timeZone }: Pick<MaintenanceWindow, 'times' | 'timeZone'>,
  nowMs: number,
): Occurrence | undefined {
  if (times.type === 'once') {
    const start = Temporal.PlainDateTime.from(times.start).toZonedDateTime(timeZone);
    const end =
      times.end === undefined
        ? start.add({ milliseconds: times.durationMs ?? 0 })
        : Temporal.PlainDateTime.from(times.end).toZonedDateTime(timeZone);
    return end.epochMilliseconds > nowMs ? toOccurrence(start, end) : undefined;
  }
  const today = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(timeZone).toPlainDate();
  for (let offset = -LONGEST_DAYS; offset <= FURTHEST_DAYS; offset += 1) {
    const date = today.add({ days: offset });
    if (times.days.length > 0 && !times.days.some((day) => isOn(date, day))) continue;
    const start = date.toZonedDateTime({ timeZone, plainTime: times.time });
    const end = endOf(date, start, times.until, times.durationMs);
    if (end.epochMilliseconds > nowMs) return toOccurrence(start, end);
  }
  return undefined;
}

function toOccurrence(start: Temporal.ZonedDateTime, end: Temporal.ZonedDateTime): Occurrence {
  return { startMs: start.epochMilliseconds, endMs: end.epochMilliseconds };
}

/** A duration is time that passes; `until` is the next such time on the clock of the zone. */
function endOf(
  date: Temporal.PlainDate,
  start: Temporal.ZonedDateTime,
  until: string | undefined,
  durationMs: number | undefined,
): Temporal.ZonedDateTime {
  if (until === undefined) return start.add({ milliseconds: durationMs ?? 0 });
  const { timeZoneId: timeZone } = start;
  const end = date.toZonedDateTime({ timeZone, plainTime: until });
  if (Temporal.ZonedDateTime.compare(end, start) > 0) return end;
  return date.add({ days: 1 }).toZonedDateTime({ timeZone, plainTime: until });
}

function isOn(date: Temporal.PlainDate, day: MaintenanceDay): boolean {
  if (day.weekday !== undefined) return date.dayOfWeek === day.weekday;
  const { dayOfMonth } = day;
  return date.day === (dayOfMonth > 0 ? dayOfMonth : date.daysInMonth + 1 + dayOfMonth);
}
