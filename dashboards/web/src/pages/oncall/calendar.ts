import type { Shift } from '../../../../src/oncall/oncall-types.ts';

/** Days of a calendar. */
export const DAYS_SHOWN = 14;
const COLOURS = 6;

/** A part of a shift on one day, as shares of the day from 0 to 1. */
export interface DaySpan {
  readonly user: string;
  readonly from: number;
  readonly to: number;
  readonly isOverride: boolean;
  /** 1 to 6, one for each person in the order in which they come. */
  readonly colour: number;
  readonly title: string;
}

/** Midnight of the viewer's day, Unix ms. */
export function startOfDay(atMs: number): number {
  const day = new Date(atMs);
  day.setHours(0, 0, 0, 0);
  return day.getTime();
}

/** The viewer's days with the shifts of each; a day of 23 or 25 hours is as wide as the others. */
export function layOut(
  shifts: readonly Shift[],
  startMs: number,
): readonly { readonly dayMs: number; readonly spans: readonly DaySpan[] }[] {
  const people = [...new Set(shifts.map(({ user }) => user))];
  return Array.from({ length: DAYS_SHOWN }, (_, at) => {
    const day = new Date(startMs);
    day.setDate(day.getDate() + at);
    const dayMs = day.getTime();
    day.setDate(day.getDate() + 1);
    const endMs = day.getTime();
    const share = (atMs: number): number => Math.min(1, Math.max(0, (atMs - dayMs) / (endMs - dayMs)));
    const spans = shifts
      .filter(({ start, end }) => start < endMs && end > dayMs)
      .map(({ user, start, end, override }) => ({
        user,
        from: share(start),
        to: share(end),
        isOverride: override !== undefined,
        colour: (people.indexOf(user) % COLOURS) + 1,
        title: `${user}, ${new Date(start).toLocaleString()} to ${new Date(end).toLocaleString()}${override === undefined ? '' : ' (override)'}`,
      }));
    return { dayMs, spans };
  });
}
