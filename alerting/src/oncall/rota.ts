import type { OnCallConfig } from '@tocsin/service/config';
import { describeGaps, gapsOf, type Schedule, type Shift, shiftsOf, type Span } from '@tocsin/service/on-call';
import { formatCalendar } from './ical.ts';
import { type Overrides, reachOf } from './overrides.ts';

/** Who is on call for a schedule, until when, and who is next. */
export interface OnCallNow {
  readonly schedule: string;
  /** `undefined`: nobody. */
  readonly now: Shift | undefined;
  /** The next shift of somebody else, or after a gap; their own next turn where nobody else has one within the time that is looked at. */
  readonly next: Shift | undefined;
}

/** A schedule with the times at which nobody is on call. */
export interface ScheduleGaps {
  readonly schedule: string;
  readonly timeZone: string;
  readonly gaps: readonly Span[];
  /** In words, in the schedule's zone. */
  readonly described: readonly string[];
  /** Of the next four weeks. */
  readonly totalMs: number;
}

/** Who is on call when, overrides counted. */
export interface Rota {
  apply(config: OnCallConfig): void;
  whoIsOnCall(nowMs: number): OnCallNow[];
  /** `undefined`: no such schedule. */
  shifts(schedule: string, fromMs: number, toMs: number): Shift[] | undefined;
  /** Of the next four weeks. */
  gaps(nowMs: number): ScheduleGaps[];
  /** iCalendar; `undefined`: no such schedule. */
  scheduleCalendar(schedule: string, nowMs: number): string | undefined;
  /** Everything that somebody is on call for; `undefined`: no such user. */
  userCalendar(user: string, nowMs: number): string | undefined;
}

const DAY_MS = 86_400_000;
/** What a calendar holds: the last month and the next half year. */
const CALENDAR_PAST_MS = 30 * DAY_MS;
const CALENDAR_AHEAD_MS = 183 * DAY_MS;
const GAP_HORIZON_MS = 28 * DAY_MS;

/** Makes the rota; until `apply` it has no schedules. */
export function createRota(overrides: Overrides): Rota {
  let config: Pick<OnCallConfig, 'users' | 'schedules'> = { users: [], schedules: [] };
  const find = (name: string): Schedule | undefined => config.schedules.find((schedule) => schedule.name === name);
  const shiftsBetween = (schedule: Schedule, fromMs: number, toMs: number): Shift[] =>
    shiftsOf(schedule, overrides.of(schedule.name, fromMs, toMs), fromMs, toMs);
  /** A shift that is cut off at the beginning would have another beginning every day. */
  const calendarShifts = (schedule: Schedule, nowMs: number): Shift[] => {
    const pastMs = nowMs - CALENDAR_PAST_MS - reachOf(schedule);
    // An override may have begun long before: its whole counts.
    const starts = overrides.of(schedule.name, pastMs, pastMs + 1).map(({ startMs }) => startMs - reachOf(schedule));
    const fromMs = Math.min(pastMs, ...starts);
    return shiftsBetween(schedule, fromMs, nowMs + CALENDAR_AHEAD_MS).filter(
      ({ startMs, endMs }) => startMs > fromMs && endMs > nowMs - CALENDAR_PAST_MS,
    );
  };
  return {
    apply: (next) => void (config = next),
    whoIsOnCall: (nowMs) =>
      config.schedules.map((schedule) => {
        const reachMs = reachOf(schedule);
        const look = { startMs: nowMs - reachMs, endMs: nowMs + 2 * reachMs };
        const turns = shiftsBetween(schedule, look.startMs, look.endMs);
        const [now, second] = joinShifts(turns).filter(({ endMs }) => endMs > nowMs);
        if (!now || now.startMs > nowMs)
          return { schedule: schedule.name, now: undefined, next: now && uncut(now, look, turns, now.startMs) };
        const whole = uncut(now, look, turns, nowMs);
        const next = second
          ? uncut(second, look, turns, second.startMs)
          : turns.find(({ startMs }) => startMs >= whole.endMs);
        return { schedule: schedule.name, now: whole, next };
      }),
    shifts(name, fromMs, toMs) {
      const schedule = find(name);
      return schedule && shiftsBetween(schedule, fromMs, toMs);
    },
    gaps: (nowMs) =>
      config.schedules.map((schedule) => {
        const known = overrides.of(schedule.name, nowMs, nowMs + GAP_HORIZON_MS);
        const { gaps: described, totalMs } = describeGaps(schedule, known, nowMs);
        const gaps = gapsOf(schedule, known, nowMs, nowMs + GAP_HORIZON_MS);
        return { schedule: schedule.name, timeZone: schedule.timeZone, gaps, described, totalMs };
      }),
    scheduleCalendar(name, nowMs) {
      const schedule = find(name);
      if (!schedule) return undefined;
      const entries = calendarShifts(schedule, nowMs).map((shift) => ({ ...shift, schedule: name }));
      return formatCalendar(`On call: ${name}`, entries, nowMs);
    },
    userCalendar(user, nowMs) {
      if (!config.users.some(({ name }) => name === user)) return undefined;
      const entries = config.schedules.flatMap((schedule) =>
        calendarShifts(schedule, nowMs)
          .filter((shift) => shift.user === user)
          .map((shift) => ({ ...shift, schedule: schedule.name })),
      );
      return formatCalendar(`On call: ${user}`, entries, nowMs);
    },
  };
}

/** What the time that is looked at has cut off ends with the turn in it, as it does for who never hands over. */
function uncut(shift: Shift, look: Span, turns: readonly Shift[], atMs: number): Shift {
  const turn = turns.find(({ startMs, endMs }) => startMs <= atMs && atMs < endMs) ?? shift;
  return {
    ...shift,
    startMs: shift.startMs === look.startMs ? turn.startMs : shift.startMs,
    endMs: shift.endMs === look.endMs ? turn.endMs : shift.endMs,
  };
}

/** Shifts of one person that follow one another at once are one. */
function joinShifts(shifts: readonly Shift[]): Shift[] {
  const joined: Shift[] = [];
  for (const shift of shifts) {
    const last = joined.at(-1);
    if (last && last.user === shift.user && last.endMs === shift.startMs)
      joined[joined.length - 1] = { ...last, endMs: shift.endMs };
    else joined.push(shift);
  }
  return joined;
}
