import { loadCron } from '@tocsin/service/late-libraries';
import { changesOf, type ClockChange, findClockChange, runsInChange, type ZonedSchedule } from './clock-change.ts';

/** A cron schedule and its zone, an IANA name. */
export interface CronSchedule {
  readonly expression: string;
  readonly timeZone: string;
}

/** Between which times runs are listed. */
export interface ListOptions {
  readonly afterMs: number;
  readonly nowMs: number;
  /** A change of the clock that is further away is not looked into yet. */
  readonly soonMs: number;
}

/** So many runs are listed at once. */
const LISTED = 8;

/**
 * The next runs of a schedule, some at a time; none where the next one is in a change of the clock, or after one, that is not soon.
 * @throws where the expression can never come true
 */
export function listRuns(schedule: CronSchedule, { afterMs, nowMs, soonMs }: ListOptions): number[] {
  const { expression, timeZone } = schedule;
  const task = loadCron().createTask(expression, () => undefined, { timezone: timeZone });
  let listed: number[];
  try {
    listed = task
      .getNextRuns(LISTED)
      .map((date) => date.getTime())
      .filter((time) => time > afterMs);
  } finally {
    void task.destroy();
  }
  const change = findClockChange(timeZone, Math.max(nowMs, afterMs), changesOf(expression));
  if (!change) return listed;
  const before = listed.filter((time) => time < change.startMs);
  if (before.length > 0) return before;
  if (change.startMs - nowMs > soonMs) return [];
  const ours = readRuns(schedule, change, afterMs, (runs) => [...runs]);
  const others = listed.filter((time) => change.type === 'skipped' || time >= change.endMs);
  return [...ours, ...others].toSorted((a, b) => a - b);
}

/** What `read` makes of a schedule's runs in a change of the clock. */
export function readRuns<Read>(
  { expression, timeZone }: CronSchedule,
  change: ClockChange,
  afterMs: number,
  read: (runs: Iterable<number>) => Read,
): Read {
  const cron = loadCron();
  const zoned = cron.createTask(expression, () => undefined, { timezone: timeZone });
  const plain = cron.createTask(expression, () => undefined, { timezone: 'UTC' });
  const schedule: ZonedSchedule = {
    expression,
    timeZone,
    matches: (date) => zoned.match(date),
    matchesUtc: (date) => plain.match(date),
  };
  try {
    return read(runsInChange(schedule, change, afterMs));
  } finally {
    for (const task of [zoned, plain]) void task.destroy();
  }
}
