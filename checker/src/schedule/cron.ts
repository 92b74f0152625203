import { loadCron } from '@tocsin/service/late-libraries';
import { changesOf, findClockChange } from './clock-change.ts';
import { listRuns, readRuns } from './cron-runs.ts';

/** A cron schedule that is running. */
export interface CronTimer {
  stop(): void;
}

export interface CronOptions {
  readonly expression: string;
  /** IANA name. */
  readonly timeZone: string;
  /** Called for each occurrence with the time of day for which it was planned. */
  readonly onDue: (plannedUnixMs: number) => void;
  /** Called for each occurrence that came too late to be run, of many at once for the first few. */
  readonly onMissed: () => void;
}

/** Starts the timer of a cron schedule. @throws where the expression can never come true (as the 30th of February) */
export type StartCron = (options: CronOptions) => CronTimer;

/** An occurrence that is later than this (a clock stepped ahead, a laptop slept) is left out and counted. */
const TOLERANCE_MS = 30_000;

/** A timer is never set further ahead: the clock may be stepped meanwhile, and what is due then must not be late. */
const LONGEST_WAIT_MS = 20_000;

/** The clock was set back, not only slowed down. */
const SET_BACK_MS = 10_000;

/** A change of the clock (summer time) is looked into when it is so near. */
const SOON_MS = 60 * 60_000;

/**
 * Runs a schedule. Which times it has says node-cron, and `listRuns` where the clock is set; the timer is ours: node-cron's takes the second pass
 * of a repeated hour for the first on a machine whose own clock is set back, and spins through it.
 */
export const startCron: StartCron = ({ expression, timeZone, onDue, onMissed }) => {
  let timer: NodeJS.Timeout | undefined;
  let afterMs = Date.now();
  let armedMs = afterMs;
  let listAtMs = afterMs;
  let planned: number[] = [];
  const arm = (): void => {
    armedMs = Date.now();
    if (planned.length === 0 && armedMs >= listAtMs) {
      planned = listRuns({ expression, timeZone }, { afterMs, nowMs: armedMs, soonMs: SOON_MS });
      listAtMs = planned.length === 0 ? armedMs + SOON_MS / 2 : armedMs;
    }
    const waitMs = (planned[0] ?? Infinity) - armedMs;
    timer = setTimeout(wake, Math.min(LONGEST_WAIT_MS, Math.max(1, waitMs)));
  };
  const wake = (): void => {
    const nowMs = Date.now();
    // The clock was set back: what lies between is to be run, be it a second time.
    if (nowMs < armedMs - SET_BACK_MS) {
      afterMs = Math.min(afterMs, nowMs);
      listAtMs = nowMs;
      planned = [];
    }
    while (planned[0] !== undefined && planned[0] <= nowMs) {
      afterMs = planned[0];
      planned.shift();
      if (nowMs - afterMs <= TOLERANCE_MS) onDue(afterMs);
      else onMissed();
    }
    arm();
  };
  arm();
  return { stop: () => clearTimeout(timer) };
};

/**
 * The longest time between two of the next occurrences of a cron schedule, in milliseconds: what a reader has to wait at most
 * for the next run (over a night or a weekend, if it leaves those out). Found once for each schedule.
 */
export function longestGapMs(expression: string, timeZone: string): number {
  const key = `${timeZone} ${expression}`;
  const known = knownGaps.get(key);
  if (known !== undefined) return known;
  const gapMs = findLongestGap(expression, timeZone);
  if (knownGaps.size >= MOST_KNOWN_GAPS) knownGaps.clear();
  knownGaps.set(key, gapMs);
  return gapMs;
}

const knownGaps = new Map<string, number>();
const MOST_KNOWN_GAPS = 10_000;

function findLongestGap(expression: string, timeZone: string): number {
  const task = loadCron().createTask(expression, () => undefined, { timezone: timeZone });
  try {
    let times: readonly number[] = [];
    for (const count of OCCURRENCES) {
      times = task.getNextRuns(count).map((date) => date.getTime());
      if ((times.at(-1) ?? 0) - (times[0] ?? 0) >= patternMs(expression)) break;
    }
    const runs = withChange(expression, timeZone, times);
    return runs.slice(1).reduce((longest, time, index) => Math.max(longest, time - (runs[index] ?? time)), 0);
  } finally {
    void task.destroy();
  }
}

/** What node-cron lists, with the runs of the first change of the clock that falls into it. */
function withChange(expression: string, timeZone: string, times: readonly number[]): readonly number[] {
  const nowMs = Date.now();
  const change = findClockChange(timeZone, nowMs, changesOf(expression));
  if (!change || change.startMs > (times.at(-1) ?? 0)) return times;
  const isListed = (time: number): boolean =>
    change.type === 'skipped' || time < change.startMs || time >= change.endMs;
  const ours = readRuns({ expression, timeZone }, change, nowMs, (runs) => [...runs]);
  return [...times.filter(isListed), ...ours].toSorted((a, b) => a - b);
}

/** So many are looked at until they show the whole pattern; the last takes node-cron 0.1 s. */
const OCCURRENCES = [9, 64, 512, 4_096] as const;
const HOUR_MS = 3_600_000;

/** After this time a schedule shows nothing new: two hours where each hour of each day is like any other, else eight days (months apart, nine runs are years). */
function patternMs(expression: string): number {
  const isEveryHour = expression
    .trim()
    .split(/\s+/)
    .slice(-4)
    .every((field) => field === '*');
  return isEveryHour ? 2 * HOUR_MS : 8 * 24 * HOUR_MS;
}
