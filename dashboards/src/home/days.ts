import type { MonitorDaysRow } from '../queries/monitor-days.ts';
import type { DayView } from './contract-types.ts';

const DAY_MS = 86_400_000;
/** How many days a monitor shows, with today. */
export const DAYS = 90;

/** The begin of the first day shown, of UTC. */
export function firstDayMs(nowMs: number): number {
  return Math.floor(nowMs / DAY_MS) * DAY_MS - (DAYS - 1) * DAY_MS;
}

/** Every monitor's days without a gap, the oldest first. */
export function viewDays(rows: readonly MonitorDaysRow[], nowMs: number): Readonly<Record<string, readonly DayView[]>> {
  const beginMs = firstDayMs(nowMs);
  return Object.fromEntries(
    rows.map(({ monitor, days }) => {
      const known = new Map(days.map((day) => [day[0], day]));
      const all = Array.from({ length: DAYS }, (_, index): DayView => {
        const dayMs = beginMs + index * DAY_MS;
        const [, passed = 0, failed = 0] = known.get(dayMs) ?? [];
        return { dayMs, passed, failed };
      });
      return [monitor, all];
    }),
  );
}
