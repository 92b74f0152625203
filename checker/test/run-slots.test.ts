import { silentLogger } from '@tocsin/service/log';
import { expect, test } from 'vitest';
import { createConnectivity, discountLostConnectivity } from '../src/connectivity.ts';
import { systemClock } from '../src/clock.ts';
import { hostOfTarget, RunSlots } from '../src/schedule/run-slots.ts';
import { Scheduler } from '../src/schedule/scheduler.ts';
import { down, up } from '../src/verdict.ts';
import { FakeClock } from './fake-clock.ts';
import { makeMonitor } from './monitors.ts';
import { findClosedPort, serveHttp } from './servers.ts';

const run = (name: string, host: string, isSlow = false) => ({ name, host, dueMs: 0, isSlow });

test('a host that hangs holds up nobody else', () => {
  const slots = new RunSlots({ maxConcurrency: 4, maxConcurrencyPerHost: 2 });
  const taken = ['h1', 'h2', 'h3', 'h4'].map((name) => slots.take(run(name, 'hung')));
  expect(taken).toEqual([true, true, false, false]);
  expect([slots.take(run('a', 'other')), slots.take(run('b', 'third')), slots.take(run('c', 'third'))]).toEqual([
    true,
    true,
    false,
  ]);
  expect(slots.release(run('', 'other')).map(({ name }) => name)).toEqual(['c']);
  expect(slots.release(run('', 'hung')).map(({ name }) => name)).toEqual(['h3']);
  slots.forget(run('h4', 'hung'));
  expect(slots.release(run('', 'hung'))).toEqual([]);
});

test('who waits for a place begins in order, one a release', () => {
  const slots = new RunSlots({ maxConcurrency: 1, maxConcurrencyPerHost: 1 });
  expect(['a', 'b', 'c'].map((name) => slots.take(run(name, name)))).toEqual([true, false, false]);
  expect(slots.isWaiting(run('b', 'b'))).toBe(true);
  expect(slots.release(run('', 'a')).map(({ name }) => name)).toEqual(['b']);
  expect(slots.release(run('', 'b')).map(({ name }) => name)).toEqual(['c']);
  expect(slots.release(run('', 'c'))).toEqual([]);
});

test('however many were slow the last time, a quarter of the places is for the others', () => {
  const slots = new RunSlots({ maxConcurrency: 8, maxConcurrencyPerHost: 8 });
  const slow = Array.from({ length: 9 }, (_, index) => run(`s${index}`, `s${index}`, true));
  expect(slow.filter((each) => slots.take(each))).toHaveLength(6);
  expect([slots.take(run('a', 'a')), slots.take(run('b', 'b')), slots.take(run('c', 'c'))]).toEqual([
    true,
    true,
    false,
  ]);
  expect(slots.release(run('', 'a')).map(({ name }) => name)).toEqual(['c']);
  expect(slots.release(run('', 's0', true)).map(({ name }) => name)).toEqual(['s6']);
  slots.forget({ name: 's7', host: 's7' });
  expect(slots.release(run('', 's1', true)).map(({ name }) => name)).toEqual(['s8']);
  expect(slots.isWaiting(run('s8', 's8'))).toBe(false);
});

test('for runs that become slow beyond their share the others get places, up to three times as many', () => {
  const slots = new RunSlots({ maxConcurrency: 4, maxConcurrencyPerHost: 100 });
  const names = Array.from({ length: 40 }, (_, index) => `q${index}`);
  expect(names.filter((name) => slots.take(run(name, 'h')))).toHaveLength(4);
  expect(slots.isShort).toBe(true);
  // Three of four are the slow ones' own share; the fourth is lent.
  expect([1, 2, 3].flatMap(() => slots.turnSlow())).toEqual([]);
  expect(slots.turnSlow().map(({ name }) => name)).toEqual(['q4']);
  let begun = 5;
  for (let turned = 4; turned < begun && turned < 40; turned += 1) begun += slots.turnSlow().length;
  expect(begun).toBe(4 + 3 * 4);
  // A slow one that was slow before finds no place among them.
  expect(slots.take(run('s', 'h', true))).toBe(false);
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
