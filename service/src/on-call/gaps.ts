import type { Override, Schedule, Span } from './schedule.ts';
import { gapsOf } from './timeline.ts';

/** How far ahead gaps are looked for: four weeks. */
export const GAP_HORIZON_MS = 28 * 86_400_000;

/** The gaps that a description names; the rest is counted. */
const MAX_NAMED = 5;
const DAY_MS = 86_400_000;

/** When nobody is on call, in words and in all. */
export interface DescribedGaps {
  /** As `Saturday 02:00–08:00 (4 times from 2026-11-28)`; at most five, and one that says how many more there are. */
  readonly gaps: readonly string[];
  readonly totalMs: number;
}

/**
 * When nobody is on call in the four weeks from `nowMs`, in the words and the zone of the schedule. Gaps at the same time of the week are one, with how often.
 * @param overrides the later made after the earlier
 */
export function describeGaps(schedule: Schedule, overrides: readonly Override[], nowMs: number): DescribedGaps {
  const gaps = gapsOf(schedule, overrides, nowMs, nowMs + GAP_HORIZON_MS);
  const totalMs = gaps.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
  const byTime = Map.groupBy(gaps, (gap) => describeTime(gap, schedule.timeZone, nowMs));
  const named = [...byTime].slice(0, MAX_NAMED).map(([time, [first, ...more]]) => {
    const days = new Set(
      [first, ...more].flatMap((gap) => (gap ? local(gap.startMs, schedule.timeZone).dayOfWeek : [])),
    );
    if (!first || !isOfWeek(first, nowMs)) return time;
    const text = `${describeDays(days)} ${time}`;
    if (more.length === 0) return text;
    return `${text} (${more.length + 1} times from ${local(first.startMs, schedule.timeZone).toPlainDate().toString()})`;
  });
  const rest = byTime.size - named.length;
  return { gaps: rest > 0 ? [...named, `and ${rest} more`] : named, totalMs };
}

/** Whether it is told by its day of the week and its time alone. */
function isOfWeek({ startMs, endMs }: Span, nowMs: number): boolean {
  return startMs > nowMs && endMs < nowMs + GAP_HORIZON_MS && endMs - startMs <= DAY_MS;
}

/** As `02:00–08:00`; with dates where the time of the week would not tell. */
function describeTime(gap: Span, timeZone: string, nowMs: number): string {
  const { startMs, endMs } = gap;
  const start = local(startMs, timeZone);
  const end = local(endMs, timeZone);
  if (isOfWeek(gap, nowMs)) return `${time(start)}–${time(end)}`;
  if (endMs >= nowMs + GAP_HORIZON_MS)
    return startMs === nowMs ? 'all of the next four weeks' : `from ${dateAndTime(start)} on`;
  return startMs === nowMs ? `now, until ${dateAndTime(end)}` : `${dateAndTime(start)} – ${dateAndTime(end)}`;
}

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** As `Saturday`, `Monday–Friday`, `Monday, Thursday`, `every day`. @param days ISO weekdays */
function describeDays(days: ReadonlySet<number>): string {
  if (days.size === WEEKDAYS.length) return 'every day';
  const sorted = [...days].sort((a, b) => a - b);
  const [first = 1, last = first] = [sorted[0], sorted.at(-1)];
  const isRange = sorted.length > 2 && last - first + 1 === sorted.length;
  const names = sorted.map((day) => WEEKDAYS[day - 1] ?? '');
  return isRange ? `${names[0]}–${names.at(-1)}` : names.join(', ');
}

function local(timeMs: number, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(timeMs).toZonedDateTimeISO(timeZone);
}

const time = (at: Temporal.ZonedDateTime): string => at.toPlainTime().toString({ smallestUnit: 'minute' });
const dateAndTime = (at: Temporal.ZonedDateTime): string => `${weekday(at)} ${at.toPlainDate().toString()} ${time(at)}`;
const weekday = (at: Temporal.ZonedDateTime): string => WEEKDAYS[at.dayOfWeek - 1] ?? '';
