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
  const byText = Map.groupBy(gaps, (gap) => describeSpan(gap, schedule.timeZone, nowMs));
  const named = [...byText].slice(0, MAX_NAMED).map(([text, [first, ...more]]) => {
    if (!first || more.length === 0) return text;
    return `${text} (${more.length + 1} times from ${local(first.startMs, schedule.timeZone).toPlainDate().toString()})`;
  });
  const rest = byText.size - named.length;
  return { gaps: rest > 0 ? [...named, `and ${rest} more`] : named, totalMs };
}

function describeSpan({ startMs, endMs }: Span, timeZone: string, nowMs: number): string {
  const start = local(startMs, timeZone);
  const end = local(endMs, timeZone);
  if (endMs >= nowMs + GAP_HORIZON_MS)
    return startMs === nowMs ? 'all of the next four weeks' : `from ${dateAndTime(start)} on`;
  if (startMs === nowMs) return `now, until ${dateAndTime(end)}`;
  if (endMs - startMs > DAY_MS) return `${dateAndTime(start)} – ${dateAndTime(end)}`;
  return `${weekday(start)} ${time(start)}–${time(end)}`;
}

function local(timeMs: number, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(timeMs).toZonedDateTimeISO(timeZone);
}

const time = (at: Temporal.ZonedDateTime): string => at.toPlainTime().toString({ smallestUnit: 'minute' });
const dateAndTime = (at: Temporal.ZonedDateTime): string => `${weekday(at)} ${at.toPlainDate().toString()} ${time(at)}`;
const weekday = (at: Temporal.ZonedDateTime): string => at.toLocaleString('en', { weekday: 'long' });
