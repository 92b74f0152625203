import { createSchedule, type Schedule, slotAt } from './schedule.ts';

/** Something to be run at every timestamp of its schedule. */
export interface ScheduledGroup {
  /** Names the group across `setGroups`; its times follow from it. */
  readonly key: string;
  readonly intervalMs: number;
  /** Must not reject. */
  evaluate(timestampMs: number): Promise<void>;
}

export interface Scheduler {
  /** Replaces the groups. One that stays keeps its place; a new one is first due at its next timestamp. */
  setGroups(groups: readonly ScheduledGroup[], nowMs: number): void;
  /**
   * Starts what is due, the longest waiting first. A tick may come late (the latest timestamp counts, those before it are
   * missed), early or twice (nothing is due), or after the clock was set back (schedules
   * begin anew, with the timestamp after the next).
   * @returns the next moment at which something is due
   */
  tick(nowMs: number): number;
  /** Resolves when nothing runs. */
  idle(): Promise<void>;
}

export interface SchedulerOptions {
  /** The most groups that run at once. */
  readonly maxConcurrent: number;
  onMissed(key: string, count: number): void;
  /** A group has ended, so another may have room. */
  onSettled?(): void;
}

interface Entry {
  group: ScheduledGroup;
  schedule: Schedule;
  /** The timestamp that was started last. */
  lastMs: number;
  running: boolean;
}

/** Runs groups on their schedules, at most one evaluation of each at once. It owns no timer: `tick` is told the time. */
export function createScheduler({ maxConcurrent, onMissed, onSettled }: SchedulerOptions): Scheduler {
  let entries = new Map<string, Entry>();
  const running = new Set<Promise<void>>();

  const start = (entry: Entry, slotMs: number): void => {
    const { intervalMs } = entry.schedule;
    const missed = Math.round((slotMs - entry.lastMs) / intervalMs) - 1;
    if (missed > 0) onMissed(entry.group.key, missed);
    entry.lastMs = slotMs;
    entry.running = true;
    const run = entry.group.evaluate(slotMs).finally(() => {
      entry.running = false;
      running.delete(run);
      onSettled?.();
    });
    running.add(run);
  };

  return {
    setGroups(groups, nowMs) {
      const next = new Map<string, Entry>();
      for (const group of groups) {
        const known = entries.get(group.key);
        if (known && known.schedule.intervalMs === group.intervalMs) {
          known.group = group;
          next.set(group.key, known);
          continue;
        }
        const schedule = createSchedule(group.key, group.intervalMs);
        next.set(group.key, { group, schedule, lastMs: slotAt(schedule, nowMs), running: false });
      }
      entries = next;
    },
    tick(nowMs) {
      const due: Entry[] = [];
      for (const entry of entries.values()) {
        const { intervalMs } = entry.schedule;
        const slotMs = slotAt(entry.schedule, nowMs);
        // Not at the next one already: what checkers tell anew, because the clock was set, has to arrive first.
        if (slotMs < entry.lastMs - intervalMs) entry.lastMs = slotMs + intervalMs;
        if (slotMs > entry.lastMs && !entry.running) due.push(entry);
      }
      due.sort((a, b) => a.lastMs + a.schedule.intervalMs - (b.lastMs + b.schedule.intervalMs));
      for (const entry of due.slice(0, Math.max(maxConcurrent - running.size, 0)))
        start(entry, slotAt(entry.schedule, nowMs));
      return Math.min(...[...entries.values()].map(({ schedule }) => slotAt(schedule, nowMs) + schedule.intervalMs));
    },
    async idle() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}
