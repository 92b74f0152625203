import type { Logger as CronLogger } from 'node-cron';
import { loadCron } from '@tocsin/service/late-libraries';
import type { Logger } from '@tocsin/service/log';
import { findRepeatedTime, nextInRepeatedTime, runsEveryHour } from './repeated-hour.ts';

/** A cron schedule that is running. */
export interface CronTimer {
  stop(): void;
}

export interface CronOptions {
  readonly expression: string;
  /** IANA name. */
  readonly timeZone: string;
  readonly log: Logger;
  /** Called for each occurrence with the time of day for which it was planned. */
  readonly onDue: (plannedUnixMs: number) => void;
  /** Called for each occurrence that came too late to be run. */
  readonly onMissed: () => void;
}

/** Starts the timer of a cron schedule. @throws where the expression can never come true (as the 30th of February) */
export type StartCron = (options: CronOptions) => CronTimer;

/** An occurrence that is later than this (a clock stepped ahead, a laptop slept) is left out and counted. */
const TOLERANCE_MS = 30_000;

/** A timer is never set further ahead: the clock may be stepped meanwhile. */
const LONGEST_WAIT_MS = 60 * 60_000;

/**
 * Runs a schedule with node-cron's timers. Of an hour that the change to winter time repeats node-cron runs one pass only (which
 * one depends on the zone): a schedule that runs every hour gets both from here.
 */
export const startCron: StartCron = ({ expression, timeZone, log, onDue, onMissed }) => {
  const isOurs = runsEveryHour(expression);
  const onOccurrence = (unixMs: number): void => {
    const repeated = isOurs ? findRepeatedTime(timeZone, unixMs) : undefined;
    if (!repeated || unixMs < repeated.startMs) onDue(unixMs);
  };
  const task = loadCron().createTask(expression, ({ date }) => onOccurrence(date.getTime()), {
    timezone: timeZone,
    missedExecutionTolerance: TOLERANCE_MS,
    logger: cronLogger(log),
  });
  task.on('execution:missed', () => onMissed());
  void task.start();
  const matches = (date: Date): boolean => task.match(date);
  const stopExtra = isOurs ? runInRepeatedTime({ expression, timeZone, onDue, matches }) : undefined;
  return {
    stop() {
      stopExtra?.();
      void task.destroy();
    },
  };
};

interface RepeatedRuns extends Pick<CronOptions, 'expression' | 'timeZone' | 'onDue'> {
  readonly matches: (date: Date) => boolean;
}

/** Calls `onDue` for the occurrences in repeated time. @returns what ends it */
function runInRepeatedTime({ expression, timeZone, onDue, matches }: RepeatedRuns): () => void {
  let timer: NodeJS.Timeout | undefined;
  let afterMs = Date.now();
  const arm = (): void => {
    const repeated = findRepeatedTime(timeZone, Math.max(afterMs, Date.now()));
    if (!repeated) return;
    const isFar = repeated.startMs - Date.now() > LONGEST_WAIT_MS;
    const dueMs = isFar ? undefined : nextInRepeatedTime(repeated, afterMs, expression, matches);
    const waitMs = Math.min(LONGEST_WAIT_MS, Math.max(1, (dueMs ?? repeated.endMs) - Date.now()));
    timer = setTimeout(() => {
      const nowMs = Date.now();
      if (dueMs !== undefined && nowMs >= dueMs) {
        afterMs = dueMs;
        if (nowMs - dueMs <= TOLERANCE_MS) onDue(dueMs);
      } else if (nowMs < afterMs - LONGEST_WAIT_MS) afterMs = nowMs;
      arm();
    }, waitMs);
  };
  arm();
  return () => clearTimeout(timer);
}

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
    return times.slice(1).reduce((longest, time, index) => Math.max(longest, time - (times[index] ?? time)), 0);
  } finally {
    void task.destroy();
  }
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

function cronLogger(log: Logger): CronLogger {
  return {
    info: (message) => log.debug(message),
    debug: (message) => log.debug(String(message)),
    warn: (message) => log.warn(message),
    error: (message, error) => log.error({ err: error ?? message }, 'a cron schedule failed'),
  };
}

/** The next occurrences of a cron schedule after a time that is now or to come, Unix time in milliseconds. */
export function nextOccurrences(expression: string, timeZone: string, afterUnixMs: number): readonly number[] {
  const task = loadCron().createTask(expression, () => undefined, { timezone: timeZone });
  try {
    let times: number[] = [];
    for (let count = 4; count <= 4_096; count *= 8) {
      times = task
        .getNextRuns(count)
        .map((date) => date.getTime())
        .filter((time) => time > afterUnixMs);
      if (times.length >= 2) break;
    }
    return times;
  } finally {
    void task.destroy();
  }
}
