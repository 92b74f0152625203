import { silentLogger } from '@tocsin/service/log';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Announcer } from '../src/announcer.ts';
import type { MonitorList } from '../src/results/sink.ts';
import { FakeClock } from './fake-clock.ts';

const STATES = { points: () => [], isBlind: false, askAfterMaintenance: () => {} };

let clock: FakeClock;
let lists: MonitorList[];
let announcer: Announcer;
beforeEach(() => {
  clock = new FakeClock();
  lists = [];
  let told = 0;
  announcer = new Announcer({
    sink: {
      recordRun: () => {},
      recordStates: () => {},
      recordMonitors: (list) => void lists.push(list),
      stop: () => Promise.resolve(),
    },
    clock,
    order: { next: (unixMs) => ({ unixMs, orderMs: (told += 1) }) },
    log: silentLogger(),
    states: STATES,
  });
  announcer.apply([]);
});
afterEach(() => announcer.stop());

test('the list goes out at once and every 30 s', async () => {
  await clock.advance(65_000);
  expect(lists).toHaveLength(3);
});

test.each([
  ['back', -600_000],
  ['ahead', 600_000],
])('a clock that is set %s has the list sent anew within a second, with the new time', async (_way, stepMs) => {
  await clock.advance(10_000);
  clock.stepWall(stepMs);
  const setMs = clock.wallMs();
  await clock.advance(1_000);
  expect(lists).toHaveLength(2);
  expect((lists[1]?.telling.unixMs ?? 0) - setMs).toBeLessThanOrEqual(1_000);
  await clock.advance(29_000);
  expect(lists, 'and again after 30 s').toHaveLength(2);
  await clock.advance(1_000);
  expect(lists).toHaveLength(3);
});

test('a clock that is a little slower or faster is none that was set', async () => {
  for (let second = 0; second < 25; second++) {
    await clock.advance(1_000);
    clock.stepWall(50);
  }
  expect(lists).toHaveLength(1);
});

test('nothing goes out once it has been stopped', async () => {
  announcer.stop();
  await clock.advance(60_000);
  expect(lists).toHaveLength(1);
});
