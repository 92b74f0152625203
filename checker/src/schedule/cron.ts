import { createTask, type Logger as CronLogger } from 'node-cron';
import type { Logger } from '@tocsin/service/log';

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

/** Runs a schedule with node-cron's timers. */
export const startCron: StartCron = ({ expression, timeZone, log, onDue, onMissed }) => {
  const task = createTask(expression, ({ date }) => onDue(date.getTime()), {
    timezone: timeZone,
    missedExecutionTolerance: TOLERANCE_MS,
    logger: cronLogger(log),
  });
  task.on('execution:missed', () => onMissed());
  void task.start();
  return { stop: () => void task.destroy() };
};

/**
 * The longest time between two of the next occurrences of a cron schedule, in milliseconds: what a reader has to wait at most
 * for the next run (over a weekend, if it leaves weekends out).
 */
export function longestGapMs(expression: string, timeZone: string): number {
  const task = createTask(expression, () => undefined, { timezone: timeZone });
  try {
    const times = task.getNextRuns(OCCURRENCES).map((date) => date.getTime());
    return Math.max(...times.slice(1).map((time, index) => time - (times[index] ?? time)));
  } finally {
    void task.destroy();
  }
}

/** Enough to see a week's pattern of a schedule that runs once a day. */
const OCCURRENCES = 9;

function cronLogger(log: Logger): CronLogger {
  return {
    info: (message) => log.debug(message),
    debug: (message) => log.debug(String(message)),
    warn: (message) => log.warn(message),
    error: (message, error) => log.error({ err: error ?? message }, 'a cron schedule failed'),
  };
}
