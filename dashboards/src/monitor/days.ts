import type { MonitorOwnDaysRow } from '../queries/monitor-own-days.ts';
import type { MonitorDay } from './contract-types.ts';

const DAY_MS = 86_400_000;
/** How many days a monitor shows, with today. */
export const DAYS = 90;

/** The begin of the first day shown, of UTC. */
export function firstDayMs(nowMs: number): number {
  return Math.floor(nowMs / DAY_MS) * DAY_MS - (DAYS - 1) * DAY_MS;
}

/** The days without a gap, the oldest first. Pure. */
export function viewDays(rows: readonly MonitorOwnDaysRow[], nowMs: number): readonly MonitorDay[] {
  const known = new Map(rows.map((row) => [row.day_ms, row]));
  return Array.from({ length: DAYS }, (_, index) => {
    const dayMs = firstDayMs(nowMs) + index * DAY_MS;
    const { passed = 0, failed = 0, unknown = 0, excluded = 0, reason = '' } = known.get(dayMs) ?? {};
    return { dayMs, passed, failed, unknown, excluded, reason };
  });
}
