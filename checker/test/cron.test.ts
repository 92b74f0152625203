import { silentLogger } from '@tocsin/service/log';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { longestGapMs, startCron } from '../src/schedule/cron.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] }));
afterEach(() => vi.useRealTimers());

/** Runs a schedule from one time of day to another and gives back for when runs were planned. */
async function plannedBetween(expression: string, timeZone: string, from: string, to: string): Promise<string[]> {
  vi.setSystemTime(new Date(from));
  const planned: string[] = [];
  const timer = startCron({
    expression,
    timeZone,
    log: silentLogger(),
    onDue: (unixMs) => planned.push(new Date(unixMs).toISOString()),
    onMissed: () => planned.push('missed'),
  });
  await vi.advanceTimersByTimeAsync(Date.parse(to) - Date.parse(from));
  timer.stop();
  await vi.advanceTimersByTimeAsync(3_600_000);
  return planned;
}

test('a schedule follows the time of day of its zone', async () => {
  expect(await plannedBetween('30 8 * * *', 'Europe/Berlin', '2026-07-01T00:00:30Z', '2026-07-03T00:00:30Z')).toEqual([
    '2026-07-01T06:30:00.000Z',
    '2026-07-02T06:30:00.000Z',
  ]);
});

test('across the change to winter time a daily run keeps its time of day', async () => {
  expect(await plannedBetween('0 9 * * *', 'Europe/Berlin', '2026-10-24T00:00:30Z', '2026-10-26T12:00:00Z')).toEqual([
    '2026-10-24T07:00:00.000Z',
    '2026-10-25T08:00:00.000Z',
    '2026-10-26T08:00:00.000Z',
  ]);
});

test('occurrences that a step of the clock leapt over are missed, not run late', async () => {
  vi.setSystemTime(new Date('2026-11-22T12:00:30Z'));
  const seen: string[] = [];
  const timer = startCron({
    expression: '*/10 * * * *',
    timeZone: 'UTC',
    log: silentLogger(),
    onDue: (unixMs) => seen.push(new Date(unixMs).toISOString()),
    onMissed: () => seen.push('missed'),
  });
  vi.setSystemTime(new Date('2026-11-22T12:25:00Z'));
  await vi.advanceTimersByTimeAsync(900_000);
  timer.stop();
  expect(seen.filter((entry) => entry === 'missed').length).toBeGreaterThanOrEqual(2);
  expect(seen.at(-1)).toBe('2026-11-22T12:40:00.000Z');
});

test('the longest gap is what a reader has to wait at most', () => {
  vi.setSystemTime(new Date('2026-11-16T12:00:00Z'));
  expect(longestGapMs('*/5 * * * *', 'UTC')).toBe(300_000);
  expect(longestGapMs('0 9 * * 1-5', 'UTC')).toBe(3 * 86_400_000);
});

test.each([
  ['*/5 9 * * *', (24 * 60 - 55) * 60_000],
  ['*/5 8-18 * * 1-5', (3 * 24 * 60 - (10 * 60 + 55)) * 60_000],
  ['* 9-17 * * 1-5', (3 * 24 * 60 - (8 * 60 + 59)) * 60_000],
  ['0,30 9-17 * * 1-5', (3 * 24 * 60 - (8 * 60 + 30)) * 60_000],
  ['* * * * *', 60_000],
  ['0 9 1 * *', 31 * 86_400_000],
])('the longest gap of %s is seen though many runs come before it', (expression, gapMs) => {
  vi.setSystemTime(new Date('2026-11-16T12:00:00Z'));
  expect(longestGapMs(expression, 'UTC')).toBe(gapMs);
});

test.each([
  ['America/New_York', '2026-11-01T05:10:00Z', '2026-11-01T07:10:00Z'],
  ['Europe/Riga', '2026-10-25T00:10:00Z', '2026-10-25T02:10:00Z'],
  ['Australia/Sydney', '2026-04-04T15:10:00Z', '2026-04-04T17:10:00Z'],
])('in %s a schedule that runs every hour runs in both passes of what is repeated', async (zone, from, to) => {
  const planned = await plannedBetween('*/20 * * * *', zone, from, to);
  const times = planned.map((time) => Date.parse(time));
  expect(times).toHaveLength(6);
  for (const [index, time] of times.slice(1).entries()) expect(time - (times[index] ?? 0)).toBe(1_200_000);
});

test('one that names its hour runs once in what is repeated, and on the next day', async () => {
  const planned = await plannedBetween(
    '30 1 * * *',
    'America/New_York',
    '2026-11-01T04:00:00Z',
    '2026-11-02T08:00:00Z',
  );
  expect(planned).toEqual(['2026-11-01T05:30:00.000Z', '2026-11-02T06:30:00.000Z']);
});
