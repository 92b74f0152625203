import { silentLogger } from '@tocsin/service/log';
import { afterEach, expect, test } from 'vitest';
import { startTicker, type Ticker } from '../src/ticker.ts';

let ticker: Ticker | undefined;
afterEach(() => ticker?.stop());

/** Runs a ticker until `work` has been called `calls` times. @returns the pauses between the calls, and what was told */
async function run(calls: number, work: (call: number) => boolean) {
  const times: number[] = [];
  const told: unknown[] = [];
  const done = Promise.withResolvers<void>();
  ticker = startTicker(
    () => {
      times.push(performance.now());
      if (times.length === calls) done.resolve();
      return work(times.length);
    },
    {
      intervalMs: 250,
      errorPauseMs: 120,
      now: Date.now,
      log: silentLogger(),
      onTick: (error) => told.push(error),
    },
  );
  await done.promise;
  ticker.stop();
  return { told, pauses: times.slice(1).map((at, index) => at - (times[index] ?? 0)) };
}

test('ticks at its interval, and at once while there is more to do', async () => {
  const { pauses } = await run(4, (call) => call === 1);
  expect(pauses[0]).toBeLessThan(240);
  expect(pauses[1]).toBeGreaterThan(240);
  expect(pauses[2]).toBeGreaterThan(240);
});

test('goes on after an error, later, and tells of it until it is over', async () => {
  const failure = new Error('disk full');
  const { pauses, told } = await run(3, (call) => {
    if (call === 1) throw failure;
    return false;
  });
  expect(pauses[0]).toBeGreaterThan(110);
  expect(told.slice(0, 2)).toEqual([failure, undefined]);
});

test('does not tick once it has been stopped', async () => {
  let calls = 0;
  startTicker(
    () => {
      calls += 1;
      return true;
    },
    { intervalMs: 1, errorPauseMs: 1, now: Date.now, log: silentLogger() },
  ).stop();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(calls).toBe(0);
});
