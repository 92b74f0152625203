import { describe, expect, test } from 'vitest';
import { createSchedule, slotAt } from '../../src/rules/schedule.ts';
import { createScheduler } from '../../src/rules/scheduler.ts';

const INTERVAL = 10_000;
const base = slotAt(createSchedule('a', INTERVAL), 1_800_000_000_000);

function setUp(maxConcurrent = 4, keys = ['a']) {
  const runs: string[] = [];
  const missed: string[] = [];
  const gates = new Map<string, PromiseWithResolvers<void>>();
  const scheduler = createScheduler({ maxConcurrent, onMissed: (key, count) => missed.push(`${key} ${count}`) });
  const groups = keys.map((key) => ({
    key,
    intervalMs: INTERVAL,
    evaluate: (timestampMs: number) => {
      runs.push(`${key} ${(timestampMs - base) / 1_000}`);
      return gates.get(key)?.promise ?? Promise.resolve();
    },
  }));
  scheduler.setGroups(groups, base);
  const tick = async (seconds: number) => {
    scheduler.tick(base + seconds * 1_000);
    await Promise.resolve()
      .then(() => Promise.resolve())
      .then(() => Promise.resolve());
  };
  return { runs, missed, gates, scheduler, groups, tick };
}

describe('a schedule', () => {
  test('has the same timestamps whenever and wherever it is asked', () => {
    const schedule = createSchedule('group', 60_000);
    expect(createSchedule('group', 60_000)).toEqual(schedule);
    expect(slotAt(schedule, 1_800_000_000_000) % 60_000).toBe(schedule.phaseMs);
    expect(slotAt(schedule, slotAt(schedule, 1_800_000_000_000) - 1)).toBe(
      slotAt(schedule, 1_800_000_000_000) - 60_000,
    );
  });

  test('spreads groups over the interval', () => {
    const phases = Array.from({ length: 100 }, (_, at) => createSchedule(`group ${at}`, 60_000).phaseMs);
    expect(new Set(phases.map((phaseMs) => Math.floor(phaseMs / 10_000))).size).toBe(6);
  });
});

describe('the scheduler', () => {
  test('runs a group once at each timestamp, however often it ticks', async () => {
    const { runs, missed, tick } = setUp();
    for (const seconds of [0, 5, 10, 10, 15, 19.999, 20]) await tick(seconds);
    expect(runs).toEqual(['a 10', 'a 20']);
    expect(missed).toEqual([]);
  });

  test('evaluates at the scheduled timestamp also when the tick is late', async () => {
    const { runs, tick } = setUp();
    await tick(13.2);
    expect(runs).toEqual(['a 10']);
  });

  test('says when the next group is due', () => {
    const { scheduler } = setUp();
    expect(scheduler.tick(base + 3_000)).toBe(base + 10_000);
    scheduler.setGroups([], base);
    expect(scheduler.tick(base)).toBe(Number.POSITIVE_INFINITY);
  });

  test('skips and counts what a slow group misses', async () => {
    const { runs, missed, gates, tick } = setUp();
    const gate = Promise.withResolvers<void>();
    gates.set('a', gate);
    await tick(10);
    await tick(20);
    await tick(35);
    expect(runs).toEqual(['a 10']);
    gate.resolve();
    await tick(36);
    await tick(37);
    expect(runs).toEqual(['a 10', 'a 30']);
    expect(missed).toEqual(['a 1']);
  });

  test('runs no more groups at once than it may, the longest waiting first', async () => {
    const { runs, gates, tick } = setUp(1, ['a', 'b', 'c']);
    const gate = Promise.withResolvers<void>();
    gates.set('a', gate).set('b', gate).set('c', gate);
    await tick(30);
    expect(runs).toHaveLength(1);
    gate.resolve();
    gates.clear();
    await tick(30);
    await tick(30);
    await tick(30);
    expect(runs.map((run) => run[0]).sort()).toEqual(['a', 'b', 'c']);
  });

  test('begins anew when the clock was set back, once what is told anew has had time to arrive', async () => {
    const { runs, tick } = setUp();
    await tick(10);
    await tick(-3_600);
    await tick(-3_590);
    await tick(-3_581);
    expect(runs).toEqual(['a 10']);
    await tick(-3_580);
    expect(runs).toEqual(['a 10', 'a -3580']);
  });

  test('keeps a group in its place across a change of the groups', async () => {
    const { runs, missed, scheduler, groups, tick } = setUp();
    await tick(10);
    scheduler.setGroups(groups, base + 25_000);
    await tick(25);
    expect(runs).toEqual(['a 10', 'a 20']);
    expect(missed).toEqual([]);
  });
});
