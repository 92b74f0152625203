import { silentLogger } from '@tocsin/service/log';
import { expect, test } from 'vitest';
import { createConnectivity, discountLostConnectivity } from '../src/connectivity.ts';
import { systemClock } from '../src/clock.ts';
import { hostOfTarget, type Pace, RunSlots, type WaitingRun, YOUNG_MS } from '../src/schedule/run-slots.ts';
import { Scheduler } from '../src/schedule/scheduler.ts';
import { down, up } from '../src/verdict.ts';
import { FakeClock } from './fake-clock.ts';
import { makeMonitor } from './monitors.ts';
import { findClosedPort, serveHttp } from './servers.ts';

const run = (name: string, host = name, pace: Pace = 'quick'): WaitingRun => ({ name, host, dueMs: 0, pace });
const names = (runs: readonly WaitingRun[]) => runs.map(({ name }) => name);

test('a host that hangs holds up nobody else', () => {
  const slots = new RunSlots({ maxConcurrency: 4, maxConcurrencyPerHost: 2 });
  const [h1, a] = [run('h1', 'hung'), run('a', 'other')];
  const others = ['h2', 'h3', 'h4'].map((name) => run(name, 'hung'));
  expect([h1, ...others].map((each) => slots.take(each, 0))).toEqual([
    undefined,
    undefined,
    'host_limit',
    'host_limit',
  ]);
  expect([a, run('b', 'third'), run('c', 'third')].map((each) => slots.take(each, 0))).toEqual([
    undefined,
    undefined,
    'limit',
  ]);
  expect(slots.waiting).toEqual({ host_limit: 2, limit: 1, slow_limit: 0 });
  expect(names(slots.release(a, 0))).toEqual(['c']);
  expect(names(slots.release(h1, 0))).toEqual(['h3']);
  slots.forget(run('h4', 'hung'));
  expect(slots.waiting).toEqual({ host_limit: 0, limit: 0, slow_limit: 0 });
  expect(slots.release(others[0] ?? h1, 0)).toEqual([]);
});

test('who waits for a place begins in order, one a release', () => {
  const slots = new RunSlots({ maxConcurrency: 1, maxConcurrencyPerHost: 1 });
  const [a, b, c] = [run('a'), run('b'), run('c')];
  expect([a, b, c].map((each) => slots.take(each, 0))).toEqual([undefined, 'limit', 'limit']);
  expect(slots.isWaiting(b)).toBe(true);
  expect(names(slots.release(a, 0))).toEqual(['b']);
  expect(names(slots.release(b, 0))).toEqual(['c']);
  expect(slots.release(c, 0)).toEqual([]);
});

test('however many hang at once for the first time, the others get places as soon as those are a quarter of a second old', () => {
  const slots = new RunSlots({ maxConcurrency: 8, maxConcurrencyPerHost: 8 });
  const hung = Array.from({ length: 40 }, (_, index) => run(`h${index}`));
  for (const [index, each] of hung.entries()) if (index < 8) slots.take(each, 0);
  expect(slots.take(run('a'), 100)).toBe('limit');
  expect(slots.nextChangeMs()).toBe(YOUNG_MS);
  expect(names(slots.advance(YOUNG_MS - 1))).toEqual([]);
  expect(names(slots.advance(YOUNG_MS))).toEqual(['a']);
  for (let atMs = YOUNG_MS * 2, next = 8; next < 40; atMs += YOUNG_MS, next += 2)
    expect(hung.slice(next, next + 2).map((each) => slots.take(each, atMs))).toEqual([undefined, undefined]);
  expect(slots.take(run('b'), 1e6)).toBeUndefined();
  expect(slots.nextChangeMs(), 'nobody waits').toBeUndefined();
});

test('those that were slow or hung the last time begin while there is room among them; a quarter stays for the quick, a quarter of the rest for the slow', () => {
  const slots = new RunSlots({ maxConcurrency: 8, maxConcurrencyPerHost: 8 });
  const hung = Array.from({ length: 17 }, (_, index) => run(`h${index}`, `h${index}`, 'hung'));
  const slow = Array.from({ length: 9 }, (_, index) => run(`s${index}`, `s${index}`, 'slow'));
  expect(hung.filter((each) => slots.take(each, 0) === undefined)).toHaveLength(16);
  expect(slow.filter((each) => slots.take(each, 0) === undefined)).toHaveLength(8);
  expect(slots.waiting).toEqual({ host_limit: 0, limit: 0, slow_limit: 2 });
  expect([run('a'), run('b'), run('c')].map((each) => slots.take(each, 0))).toEqual([undefined, undefined, 'limit']);
  expect(names(slots.release(slow[0] ?? run(''), 0)), 'the one that has waited the longest of those that may').toEqual([
    'c',
  ]);
  expect(names(slots.advance(YOUNG_MS)), 'the quick ones are old by now, more than there is room for').toEqual([]);
});

test('monitors that hung the last time share half of the places, and nobody waits any more once they answer', async () => {
  const clock = new FakeClock();
  const ends = new Map<string, () => void>();
  const waited: [string, string][] = [];
  const scheduler = new Scheduler({
    clock,
    log: silentLogger(),
    maxConcurrency: 4,
    maxConcurrencyPerHost: 9,
    hostOf: ({ name }) => name,
    startCron: () => ({ stop() {} }),
    run: ({ monitor: { name } }) => new Promise((resolve) => void ends.set(name, resolve)),
    onSkipped() {},
    onWaiting: ({ name }, reason) => waited.push([name, reason]),
  });
  const schedule = { type: 'interval', intervalMs: 10_000 } as const;
  const monitors = Array.from({ length: 30 }, (_, index) =>
    makeMonitor('http://a.test/', { name: `m${index}`, timeoutMs: 200, schedule }),
  );
  scheduler.apply(monitors);
  const endAll = (): void => {
    for (const end of ends.values()) end();
    ends.clear();
  };
  // All hang for the first time: each begins within a quarter of a second of its time or so.
  await clock.advance(10_500);
  expect(scheduler.running).toBe(30);
  endAll();
  await clock.advance(0);
  waited.length = 0;
  await clock.advance(9_000);
  expect(scheduler.running).toBe(8);
  expect(new Set(waited.map(([, reason]) => reason))).toEqual(new Set(['slow_limit']));
  expect(scheduler.waiting.slow_limit).toBeGreaterThan(0);
  // What answers at once is quick again.
  for (let elapsedMs = 0; elapsedMs < 25_000; elapsedMs += 20) {
    endAll();
    await clock.advance(20);
  }
  endAll();
  await clock.advance(0);
  expect(scheduler.waiting).toEqual({ host_limit: 0, limit: 0, slow_limit: 0 });
  const stopped = scheduler.stop();
  endAll();
  await stopped;
});

test.each([
  ['https://a.test/x?y', 'a.test'],
  ['http://127.0.0.1:8080/', '127.0.0.1:8080'],
  ['db.test:5432', 'db.test:5432'],
  ['a.test MX', 'a.test'],
])('the host of %s is %s', (target, host) => expect(hostOfTarget(target)).toBe(host));

test('a run out of turn comes once, not beside one that goes on, and leaves the schedule as it is', async () => {
  const clock = new FakeClock();
  const begun: number[] = [];
  const scheduler = new Scheduler({
    clock,
    log: silentLogger(),
    maxConcurrency: 9,
    maxConcurrencyPerHost: 9,
    hostOf: () => 'h',
    startCron: () => ({ stop() {} }),
    run: () => Promise.resolve(void begun.push(clock.monotonicMs())),
    onSkipped() {},
  });
  scheduler.apply([makeMonitor('http://a.test/', { name: 'a', schedule: { type: 'interval', intervalMs: 60_000 } })]);
  await clock.advance(60_000);
  const [first = 0] = begun;
  await clock.advance(first + 60_000 + 1_000 - clock.monotonicMs());
  begun.length = 0;
  scheduler.runSoon('a', 5_000);
  scheduler.runSoon('a', 4_000);
  scheduler.runSoon('nobody', 0);
  await clock.advance(70_000);
  expect(begun.map((atMs) => Math.round(atMs - first))).toEqual([65_000, 120_000]);
  scheduler.runSoon('a', 56_000);
  await clock.advance(60_000);
  expect(begun.map((atMs) => Math.round(atMs - first)).slice(2)).toEqual([180_000]);
  await scheduler.stop();
});

test('a failure is unknown where none of the connectivity targets answers, and stays where one does', async () => {
  await using server = await serveHttp((_request, response) => response.end());
  const closed = { host: '127.0.0.1', port: await findClosedPort() };
  const open = { host: '127.0.0.1', port: server.port };
  const failed = {
    monitor: 'a',
    kind: 'http',
    traceId: '',
    spanId: '',
    startUnixMs: 0,
    durationMs: 0,
    latenessMs: 0,
    phases: [],
    attributes: {},
  } as const;
  const judge = async (targets: (typeof open)[], verdict = down('reset', 'found it reset')) =>
    (await discountLostConnectivity({ ...failed, verdict }, createConnectivity(targets, systemClock), targets)).verdict;
  expect(await judge([closed])).toEqual({
    outcome: 'unknown',
    reason: 'connectivity_lost',
    message: `none of the checker's connectivity targets answers (127.0.0.1:${closed.port}): found it reset`,
  });
  expect((await judge([closed, open])).outcome).toBe('down');
  expect((await judge([])).outcome).toBe('down');
  expect((await judge([closed], up('fine'))).outcome).toBe('up');
});
