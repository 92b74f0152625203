import { targetOf } from '@tocsin/service/config';
import { silentLogger } from '@tocsin/service/log';
import { describe, expect, test } from 'vitest';
import type { CronOptions } from '../src/schedule/cron.ts';
import { Scheduler, type SkipReason, type StartedRun } from '../src/schedule/scheduler.ts';
import { FakeClock } from './fake-clock.ts';
import { makeMonitor } from './monitors.ts';

interface Begun extends StartedRun {
  readonly atMs: number;
  readonly end: () => void;
}

/** A scheduler on a fake clock whose runs end when the test says, or at once. */
function setUp({
  maxConcurrency = 100,
  maxConcurrencyPerHost = 100,
  instant = true,
}: { maxConcurrency?: number; maxConcurrencyPerHost?: number; instant?: boolean } = {}) {
  const clock = new FakeClock();
  const begun: Begun[] = [];
  const skipped: [string, SkipReason, number][] = [];
  const crons: (CronOptions & { stopped: boolean })[] = [];
  const scheduler = new Scheduler({
    clock,
    log: silentLogger(),
    maxConcurrency,
    maxConcurrencyPerHost,
    hostOf: (monitor) => ('http' in monitor ? new URL(monitor.http.url).host : ''),
    startCron(options) {
      const cron = { ...options, stopped: false };
      crons.push(cron);
      return { stop: () => void (cron.stopped = true) };
    },
    run(started) {
      const { promise, resolve } = Promise.withResolvers<void>();
      begun.push({ ...started, atMs: clock.monotonicMs(), end: resolve });
      started.signal.addEventListener('abort', () => resolve());
      if (instant) resolve();
      return promise;
    },
    onSkipped: ({ name }, reason, count) => skipped.push([name, reason, count]),
  });
  return { clock, begun, skipped, crons, scheduler };
}

function every(intervalMs: number, name = 'shop', url = 'http://a.test/') {
  return makeMonitor(url, { name, schedule: { type: 'interval', intervalMs } });
}

describe('intervals', () => {
  test('every monitor runs within one interval of the start and then exactly at its interval', async () => {
    const { clock, begun, scheduler } = setUp();
    const monitors = Array.from({ length: 50 }, (_, index) => every(10_000, `m${index}`));
    scheduler.apply(monitors);
    await clock.advance(10_000);
    expect(new Set(begun.map(({ monitor }) => monitor.name)).size).toBe(50);
    await clock.advance(90_000);
    expect(begun).toHaveLength(500);
    const times = begun.filter(({ monitor }) => monitor.name === 'm7').map(({ atMs }) => atMs);
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    for (const gap of gaps) expect(gap).toBeCloseTo(10_000, 3);
    await scheduler.stop();
  });

  test('the time a run takes is not added to the interval', async () => {
    const { clock, begun, scheduler } = setUp({ instant: false });
    scheduler.apply([every(1_000)]);
    for (let index = 0; index < 5; index += 1) {
      await clock.advance(700);
      begun.at(-1)?.end();
      await clock.advance(300);
      begun.at(-1)?.end();
    }
    expect(begun).toHaveLength(5);
    expect((begun[4]?.atMs ?? 0) - (begun[0]?.atMs ?? 0)).toBeCloseTo(4_000, 3);
    await scheduler.stop();
  });

  test('a run that outlasts its interval is left alone and its successor is skipped and counted', async () => {
    const { clock, begun, skipped, scheduler } = setUp({ instant: false });
    scheduler.apply([every(1_000)]);
    await clock.advance(3_000);
    expect(begun).toHaveLength(1);
    expect(skipped).toEqual([
      ['shop', 'overrun', 1],
      ['shop', 'overrun', 1],
    ]);
    begun[0]?.end();
    await clock.advance(1_000);
    expect(begun).toHaveLength(2);
    expect(begun[1]?.latenessMs).toBe(0);
    await scheduler.stop();
  });

  test('a timer that fires early starts nothing before its time', async () => {
    const { clock, begun, scheduler } = setUp();
    scheduler.apply([every(10_000)]);
    await clock.fireEarly();
    expect(begun).toEqual([]);
    await clock.advance(10_000);
    expect(begun).toHaveLength(1);
    await scheduler.stop();
  });

  test('after a pause of the whole process each monitor runs once, late, and the rest is counted', async () => {
    const { clock, begun, skipped, scheduler } = setUp();
    scheduler.apply([every(1_000)]);
    await clock.advance(1_000);
    await clock.freeze(10_500);
    expect(begun).toHaveLength(2);
    expect(begun[1]?.latenessMs).toBeGreaterThan(0);
    expect(begun[1]?.latenessMs).toBeLessThan(1_000);
    const missed = skipped.reduce((sum, [, , count]) => sum + count, 0);
    expect(missed).toBeGreaterThanOrEqual(9);
    expect(skipped[0]?.[1]).toBe('missed');
    await scheduler.stop();
  });

  test.each([[3_600_000], [-3_600_000], [-86_400_000 * 365]])(
    'a step of the time of day by %i ms changes nothing',
    async (stepMs) => {
      const { clock, begun, skipped, scheduler } = setUp();
      scheduler.apply([every(1_000)]);
      await clock.advance(5_000);
      clock.stepWall(stepMs);
      await clock.advance(5_000);
      expect(begun).toHaveLength(10);
      expect(skipped).toEqual([]);
      await scheduler.stop();
    },
  );
});

describe('capacity', () => {
  test('that are kept by targets which hang, each on a host of its own, leave room for the others from their second run on', async () => {
    const { clock, begun, scheduler } = setUp({ maxConcurrency: 8, instant: false });
    const hung = Array.from({ length: 20 }, (_, index) => every(10_000, `hung${index}`, `http://h${index}.test/`));
    const well = Array.from({ length: 20 }, (_, index) => every(10_000, `well${index}`, `http://w${index}.test/`));
    scheduler.apply([...hung, ...well]);
    const ended = new Set<unknown>();
    const late: number[] = [];
    for (let step = 0; step < 1_200; step += 1) {
      await clock.advance(100);
      for (const run of begun) {
        const takesMs = run.monitor.name.startsWith('hung') ? 9_000 : 100;
        if (ended.has(run) || clock.monotonicMs() - run.atMs < takesMs) continue;
        ended.add(run);
        if (takesMs === 100 && step > 600) late.push(run.latenessMs);
        run.end();
      }
    }
    expect(late.length).toBeGreaterThan(100);
    expect(Math.max(...late)).toBeLessThan(1_000);
  });

  test('past the limit runs wait in order, are late by as much, and none is lost', async () => {
    const { clock, begun, skipped, scheduler } = setUp({ maxConcurrencyPerHost: 2, instant: false });
    scheduler.apply(['a', 'b', 'c', 'd'].map((name) => every(10_000, name)));
    await clock.advance(10_000);
    expect(begun).toHaveLength(2);
    expect(scheduler.running).toBe(2);
    begun[0]?.end();
    begun[1]?.end();
    await clock.advance(0);
    expect(begun).toHaveLength(4);
    expect(begun[3]?.latenessMs).toBeGreaterThan(0);
    expect(skipped).toEqual([]);
    await scheduler.stop();
  });

  test('a monitor waits at most once; what comes on top is counted', async () => {
    const { clock, begun, skipped, scheduler } = setUp({ maxConcurrencyPerHost: 1, instant: false });
    scheduler.apply([every(1_000, 'a'), every(1_000, 'b')]);
    await clock.advance(3_000);
    expect(begun).toHaveLength(1);
    const [holder] = begun;
    const other = holder?.monitor.name === 'a' ? 'b' : 'a';
    expect(skipped.filter(([name]) => name === other)).toEqual([
      [other, 'no_capacity', 1],
      [other, 'no_capacity', 1],
    ]);
    await scheduler.stop();
  });
});

describe('a reload', () => {
  test('leaves unchanged monitors their phase and gives changed ones their new definition', async () => {
    const { clock, begun, scheduler } = setUp();
    scheduler.apply([every(10_000, 'a'), every(10_000, 'b')]);
    await clock.advance(10_000);
    const before = begun.find(({ monitor }) => monitor.name === 'a')?.atMs ?? 0;
    await clock.advance(1_234);
    scheduler.apply([every(10_000, 'a', 'http://new.test/'), every(20_000, 'b')]);
    await clock.advance(20_000);
    const runs = begun.filter(({ monitor }) => targetOf(monitor) === 'http://new.test/');
    expect(runs).toHaveLength(2);
    for (const { atMs } of runs) expect((atMs - before) % 10_000).toBeCloseTo(0, 3);
    await scheduler.stop();
  });

  test('ends removed monitors, also those under way or waiting', async () => {
    const { clock, begun, scheduler } = setUp({ maxConcurrencyPerHost: 1, instant: false });
    scheduler.apply([every(1_000, 'a'), every(1_000, 'b')]);
    await clock.advance(1_000);
    const [going] = begun;
    scheduler.apply([]);
    expect(going?.signal.aborted).toBe(true);
    await clock.advance(10_000);
    expect(begun).toHaveLength(1);
    expect(scheduler.running).toBe(0);
    expect(clock.timers).toBe(0);
  });

  test('may turn an interval into a cron schedule and back', async () => {
    const { clock, begun, crons, scheduler } = setUp();
    const cron = { type: 'cron', expression: '0 * * * *', timeZone: 'UTC' } as const;
    scheduler.apply([every(1_000)]);
    scheduler.apply([makeMonitor('http://a.test/', { schedule: cron })]);
    await clock.advance(5_000);
    expect(begun).toEqual([]);
    scheduler.apply([makeMonitor('http://a.test/', { schedule: { ...cron } })]);
    expect(crons).toHaveLength(1);
    scheduler.apply([every(1_000)]);
    expect(crons[0]?.stopped).toBe(true);
    await clock.advance(1_000);
    expect(begun).toHaveLength(1);
    await scheduler.stop();
  });
});

describe('cron', () => {
  const monitor = makeMonitor('http://a.test/', {
    schedule: { type: 'cron', expression: '*/5 * * * *', timeZone: 'Europe/Berlin' },
  });

  test('an occurrence starts a run, late by what it came late', async () => {
    const { clock, begun, skipped, crons, scheduler } = setUp();
    scheduler.apply([monitor]);
    expect(crons[0]).toMatchObject({ expression: '*/5 * * * *', timeZone: 'Europe/Berlin' });
    crons[0]?.onDue(clock.wallMs() - 250);
    crons[0]?.onMissed();
    expect(begun[0]?.latenessMs).toBe(250);
    expect(skipped).toEqual([['shop', 'missed', 1]]);
    await scheduler.stop();
  });
});

test('stop aborts what goes on, waits for it, and nothing starts afterwards', async () => {
  const { clock, begun, crons, scheduler } = setUp({ instant: false });
  const cron = { type: 'cron', expression: '0 0 * * *', timeZone: 'UTC' } as const;
  scheduler.apply([every(1_000, 'a'), makeMonitor('http://b.test/', { name: 'b', schedule: cron })]);
  await clock.advance(1_000);
  await scheduler.stop();
  await scheduler.stop();
  expect(begun[0]?.signal.aborted).toBe(true);
  crons[0]?.onDue(clock.wallMs());
  await clock.advance(10_000);
  expect(begun).toHaveLength(1);
  expect(clock.timers).toBe(0);
});

test('a run of what a monitor was before a reload is ended, and one of what it is now begins; others go on', async () => {
  const { clock, begun, scheduler } = setUp({ instant: false });
  scheduler.apply([every(10_000, 'changed', 'http://old.test/'), every(10_000, 'same', 'http://same.test/')]);
  await clock.advance(10_000);
  expect(begun.map(({ monitor }) => monitor.name).toSorted()).toEqual(['changed', 'same']);
  scheduler.apply([every(10_000, 'changed', 'http://new.test/'), every(10_000, 'same', 'http://same.test/')]);
  await clock.advance(0);
  const of = (name: string): Begun[] => begun.filter(({ monitor }) => monitor.name === name);
  expect(of('changed').map(({ monitor, signal }) => ['http' in monitor && monitor.http.url, signal.aborted])).toEqual([
    ['http://old.test/', true],
    ['http://new.test/', false],
  ]);
  expect(of('same').map(({ signal }) => signal.aborted)).toEqual([false]);
  await scheduler.stop();
});
