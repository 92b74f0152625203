import type { Monitor } from '@tocsin/service/config';
import type { Logger } from '@tocsin/service/log';
import type { CancelTimer, Clock } from '../clock.ts';
import { type CronTimer, type StartCron } from './cron.ts';
import { type Pace, RunSlots, type SlotLimits, type WaitingRun, type WaitReason } from './run-slots.ts';
import { delayToPhaseMs } from './spread.ts';
import { Timetable } from './timetable.ts';

/**
 * Why a planned run did not begin: `overrun` its own predecessor was still going; `no_capacity` it was still waiting for a
 * free place when its successor was due; `missed` nobody looked at the clock in time (process stopped, machine asleep).
 */
export type SkipReason = 'overrun' | 'no_capacity' | 'missed';

/** A run that begins now. */
export interface StartedRun {
  readonly monitor: Monitor;
  /** How much later than planned. */
  readonly latenessMs: number;
  /** Aborted when the result is no longer wanted. */
  readonly signal: AbortSignal;
}

export interface SchedulerOptions extends SlotLimits {
  readonly clock: Clock;
  readonly startCron: StartCron;
  readonly log: Logger;
  /** The host and port that a monitor's runs are counted for. */
  readonly hostOf: (monitor: Monitor) => string;
  /** Performs a run; must not reject. */
  readonly run: (run: StartedRun) => Promise<void>;
  readonly onSkipped: (monitor: Monitor, reason: SkipReason, count: number) => void;
  /** A run that is due finds no place and waits. */
  readonly onWaiting?: (monitor: Monitor, reason: WaitReason) => void;
}

interface Job {
  monitor: Monitor;
  host: string;
  cron: CronTimer | undefined;
  /** Set while a run goes on. */
  running: AbortController | undefined;
  /** The run that goes on is of what the monitor was before a reload: nobody wants its result, and another begins when it ends. */
  isOutdated: boolean;
  /** How long its last run took. */
  pace: Pace;
}

/** A run of most targets is over long before. */
const SLOW_MS = 1_000;
/** A run that ends so much before its time limit has hung: timers are not exact. */
const LIMIT_TOLERANCE_MS = 20;

/** `setTimeout` cannot wait longer than about 24 days; a wake-up without work costs nothing. */
const LONGEST_WAIT_MS = 60 * 60_000;

/** The interval of what happens once: taken out of the timetable long before. */
const ONCE_MS = 1e12;

/**
 * Starts every monitor's runs when they are due. Intervals are kept on the monotonic clock from a phase of the time of day
 * (so clock steps change nothing and a restart keeps the phase); cron follows the time of day in its zone. One
 * run a monitor at a time; past the limits runs wait in the order in which they were due, at most one a monitor.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #timetable = new Timetable();
  /** Runs out of turn, once. */
  readonly #extra = new Timetable();
  readonly #slots: RunSlots;
  readonly #jobs = new Map<string, Job>();
  readonly #going = new Set<Promise<void>>();
  #cancelTimer: CancelTimer | undefined;
  #stopped = false;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#slots = new RunSlots(options);
  }

  /** How many runs go on now. */
  get running(): number {
    return this.#going.size;
  }

  /** How many runs that are due wait now, by what for. */
  get waiting(): Readonly<Record<WaitReason, number>> {
    return this.#slots.waiting;
  }

  /** Takes over a list of monitors: starts new ones, ends removed ones, leaves those alone whose schedule is the same. */
  apply(monitors: readonly Monitor[]): void {
    const names = new Set(monitors.map(({ name }) => name));
    for (const name of this.#jobs.keys()) if (!names.has(name)) this.#remove(name);
    for (const monitor of monitors) {
      const job = this.#jobs.get(monitor.name);
      const sameSchedule = job && JSON.stringify(job.monitor.schedule) === JSON.stringify(monitor.schedule);
      if (job) this.#renew(job, monitor);
      if (!sameSchedule) this.#plan(job ?? this.#add(monitor));
    }
    this.#arm();
  }

  /** Runs a monitor out of turn, unless it runs before then anyway; its own schedule stays as it is. */
  runSoon(name: string, delayMs: number): void {
    if (this.#stopped || !this.#jobs.has(name)) return;
    this.#extra.set(name, ONCE_MS, this.#options.clock.monotonicMs() + delayMs);
    this.#arm();
  }

  /** Starts nothing more, aborts what goes on and waits for its end. Idempotent. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer?.();
    for (const name of this.#jobs.keys()) this.#remove(name);
    await Promise.all(this.#going);
  }

  #add(monitor: Monitor): Job {
    const job: Job = {
      monitor,
      host: this.#options.hostOf(monitor),
      cron: undefined,
      running: undefined,
      isOutdated: false,
      pace: 'quick',
    };
    this.#jobs.set(monitor.name, job);
    return job;
  }

  #renew(job: Job, monitor: Monitor): void {
    const host = this.#options.hostOf(monitor);
    if (host !== job.host) this.#slots.forget({ name: monitor.name, host: job.host });
    if (job.running && JSON.stringify(job.monitor) !== JSON.stringify(monitor)) {
      job.isOutdated = true;
      job.running.abort();
    }
    job.monitor = monitor;
    job.host = host;
  }

  #remove(name: string): void {
    const job = this.#jobs.get(name);
    this.#jobs.delete(name);
    if (job) this.#slots.forget({ name, host: job.host });
    this.#extra.remove(name);
    this.#timetable.remove(name);
    job?.cron?.stop();
    job?.running?.abort();
  }

  #plan(job: Job): void {
    const { clock, startCron, log, onSkipped } = this.#options;
    const { name, schedule } = job.monitor;
    job.cron?.stop();
    job.cron = undefined;
    this.#timetable.remove(name);
    if (schedule.type === 'interval') {
      const delayMs = delayToPhaseMs(name, schedule.intervalMs, clock.wallMs());
      this.#timetable.set(name, schedule.intervalMs, clock.monotonicMs() + delayMs);
      return;
    }
    try {
      job.cron = startCron({
        ...schedule,
        onDue: (plannedUnixMs) => this.#onDue(name, clock.monotonicMs() - Math.max(0, clock.wallMs() - plannedUnixMs)),
        onMissed: () => onSkipped(job.monitor, 'missed', 1),
      });
    } catch (error) {
      log.error(
        { monitor: name, cron: schedule.expression, err: error },
        'this monitor cannot be scheduled and does not run',
      );
    }
  }

  #arm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const dueMs = Math.min(
      this.#timetable.nextDueMs() ?? Infinity,
      this.#extra.nextDueMs() ?? Infinity,
      this.#slots.nextChangeMs() ?? Infinity,
    );
    if (dueMs === Infinity || this.#stopped) return;
    const { clock } = this.#options;
    const delayMs = Math.min(LONGEST_WAIT_MS, Math.max(0, dueMs - clock.monotonicMs()));
    this.#cancelTimer = clock.after(delayMs, () => this.#onTimer());
  }

  #onTimer(): void {
    this.#begin(this.#slots.advance(this.#options.clock.monotonicMs()));
    for (const { name, dueMs, missed } of this.#timetable.takeDue(this.#options.clock.monotonicMs())) {
      const job = this.#jobs.get(name);
      if (missed > 0 && job) this.#options.onSkipped(job.monitor, job.running ? 'overrun' : 'missed', missed);
      this.#onDue(name, dueMs);
    }
    for (const { name, dueMs } of this.#extra.takeDue(this.#options.clock.monotonicMs())) {
      this.#extra.remove(name);
      const job = this.#jobs.get(name);
      // A run that goes on or is about to begin is as good as one more.
      if (job && !job.running && !this.#slots.isWaiting({ name, host: job.host })) this.#onDue(name, dueMs);
    }
    this.#arm();
  }

  #onDue(name: string, dueMs: number): void {
    const job = this.#jobs.get(name);
    if (!job || this.#stopped) return;
    if (job.running) this.#options.onSkipped(job.monitor, 'overrun', 1);
    else if (this.#slots.isWaiting({ name, host: job.host })) this.#options.onSkipped(job.monitor, 'no_capacity', 1);
    else {
      const run = { name, host: job.host, dueMs, pace: job.pace };
      const waitsFor = this.#slots.take(run, this.#options.clock.monotonicMs());
      if (waitsFor === undefined) this.#start(job, run);
      else this.#options.onWaiting?.(job.monitor, waitsFor);
    }
  }

  /** @param taken as its place was taken */
  #start(job: Job, taken: WaitingRun): void {
    const { clock, run } = this.#options;
    const controller = new AbortController();
    job.running = controller;
    this.#extra.remove(job.monitor.name);
    const startMs = clock.monotonicMs();
    const latenessMs = Math.max(0, startMs - taken.dueMs);
    const going = run({ monitor: job.monitor, latenessMs, signal: controller.signal }).finally(() => {
      this.#going.delete(going);
      job.running = undefined;
      const { isOutdated } = job;
      job.isOutdated = false;
      job.pace = paceOf(clock.monotonicMs() - startMs, job.monitor.timeoutMs);
      this.#begin(this.#slots.release(taken, clock.monotonicMs()));
      if (this.#slots.nextChangeMs() !== undefined) this.#arm();
      if (isOutdated) this.#onDue(job.monitor.name, clock.monotonicMs());
    });
    this.#going.add(going);
  }

  /** Begins runs whose places are taken. */
  #begin(runs: readonly WaitingRun[]): void {
    for (const next of runs) {
      const job = this.#jobs.get(next.name);
      if (job && !this.#stopped) this.#start(job, next);
      else this.#begin(this.#slots.release(next, this.#options.clock.monotonicMs()));
    }
  }
}

function paceOf(tookMs: number, timeoutMs: number): Pace {
  if (tookMs >= timeoutMs - LIMIT_TOLERANCE_MS) return 'hung';
  return tookMs >= SLOW_MS ? 'slow' : 'quick';
}
