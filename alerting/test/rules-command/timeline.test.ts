import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createScheduler } from '../../src/rules/scheduler.ts';
import { lookAhead } from '../../src/rules-command/backtest/look-ahead.ts';
import { countMoments, timelineOf } from '../../src/rules-command/timeline.ts';
import { group } from '../rules/scenario.ts';

const FROM_MS = 1_800_000_000_123;

test("a backtest's evaluations are at the times at which alerting would make them", async () => {
  const groups = [
    group({ name: 'a', intervalMs: 10_000, rules: [] }),
    group({ name: 'b', intervalMs: 7_000, rules: [] }),
  ];
  const made: string[] = [];
  const scheduler = createScheduler({ maxConcurrent: 8, onMissed: () => {} });
  scheduler.setGroups(
    groups.map(({ name, file, intervalMs }) => ({
      key: JSON.stringify([name, file]),
      intervalMs,
      evaluate: (timeMs) => Promise.resolve(void made.push(`${timeMs} ${name}`)),
    })),
    FROM_MS,
  );
  const toMs = FROM_MS + 100_000;
  for (let nowMs = FROM_MS; nowMs <= toMs; nowMs += 1) {
    const before = made.length;
    scheduler.tick(nowMs);
    if (made.length > before) await scheduler.idle();
  }
  const played = [...timelineOf(groups, FROM_MS, toMs)].map(({ timeMs, group: at }) => `${timeMs} ${groups[at]?.name}`);
  expect(made.length).toBeGreaterThan(20);
  expect(played.toSorted()).toEqual(made.toSorted());
  expect(played.map((entry) => Number(entry.split(' ')[0]))).toEqual(
    played.map((entry) => Number(entry.split(' ')[0])).toSorted((a, b) => a - b),
  );
  expect(countMoments(groups, FROM_MS, toMs, undefined)).toBe(played.length);
});

test('in a unit test every group begins with the test, at the step it is given', () => {
  const groups = [
    group({ name: 'a', intervalMs: 10_000, rules: [] }),
    group({ name: 'b', intervalMs: 7_000, rules: [] }),
  ];
  const moments = timelineOf(groups, 5_000, 65_000, { stepMs: 30_000, alignMs: 5_000 });
  expect([...moments].map(({ timeMs, group: at }) => [timeMs, at])).toEqual([
    [5_000, 0],
    [5_000, 1],
    [35_000, 0],
    [35_000, 1],
    [65_000, 0],
    [65_000, 1],
  ]);
});

test('looking ahead keeps the order and the number of places', async () => {
  let running = 0;
  let most = 0;
  const work = async (entry: number): Promise<number> => {
    running += 1;
    most = Math.max(most, running);
    await sleep((entry * 7) % 5);
    running -= 1;
    return entry * 2;
  };
  const seen: (readonly [number, number])[] = [];
  for await (const pair of lookAhead(
    Array.from({ length: 20 }, (_, at) => at),
    3,
    work,
  ))
    seen.push(pair);
  expect(seen).toEqual(Array.from({ length: 20 }, (_, at) => [at, at * 2]));
  expect(most).toBe(3);
});

test('an error of work under way is thrown when its turn comes, and not before', async () => {
  const seen: number[] = [];
  const play = async (): Promise<void> => {
    for await (const [entry] of lookAhead([1, 2, 3], 3, (at) =>
      at === 2 ? Promise.reject(new Error('broken')) : Promise.resolve(at),
    )) {
      await sleep(5);
      seen.push(entry);
    }
  };
  await expect(play()).rejects.toThrow('broken');
  expect(seen).toEqual([1]);
});
