import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { longestGapMs, startCron } from '../src/schedule/cron.ts';
import { nextExpected } from '../src/schedule/expected-times.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] }));
afterEach(() => vi.useRealTimers());

/** Runs a schedule from one time of day to another and gives back for when runs were planned. */
async function plannedBetween(expression: string, timeZone: string, from: string, to: string): Promise<string[]> {
  vi.setSystemTime(new Date(from));
  const planned: string[] = [];
  const timer = startCron({
    expression,
    timeZone,
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
    onDue: (unixMs) => seen.push(new Date(unixMs).toISOString()),
    onMissed: () => seen.push('missed'),
  });
  vi.setSystemTime(new Date('2026-11-22T12:25:00Z'));
  await vi.advanceTimersByTimeAsync(900_000);
  timer.stop();
  expect(seen.filter((entry) => entry === 'missed').length).toBeGreaterThanOrEqual(2);
  expect(seen.at(-1)).toBe('2026-11-22T12:40:00.000Z');
});

/** Runs a schedule by a clock that is stepped once, and gives back for when runs were planned after it. */
async function plannedAfterStep(expression: string, from: string, stepTo: string, forMs: number): Promise<string[]> {
  vi.setSystemTime(new Date(from));
  const seen: string[] = [];
  const timer = startCron({
    expression,
    timeZone: 'UTC',
    onDue: (unixMs) => seen.push(new Date(unixMs).toISOString().slice(11, 19)),
    onMissed: () => seen.push('missed'),
  });
  await vi.advanceTimersByTimeAsync(60_000);
  seen.length = 0;
  vi.setSystemTime(new Date(stepTo));
  await vi.advanceTimersByTimeAsync(forMs);
  timer.stop();
  return seen;
}

test('a clock that is set back by less than an hour silences no schedule', async () => {
  const seen = await plannedAfterStep('* * * * *', '2026-11-22T12:00:30Z', '2026-11-22T11:31:30Z', 180_000);
  expect(seen).toEqual(['11:32:00', '11:33:00', '11:34:00']);
});

test('what is due after a clock was set ahead is run in time', async () => {
  const seen = await plannedAfterStep('0 * * * *', '2026-11-22T12:00:30Z', '2026-11-22T12:55:00Z', 600_000);
  expect(seen).toEqual(['13:00:00']);
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

const TZ = process.env['TZ'];
afterEach(() => {
  if (TZ === undefined) delete process.env['TZ'];
  else process.env['TZ'] = TZ;
});

/** As `10-25T01:30 10-26T01:30`: the year and the seconds say nothing here. */
const brief = (times: readonly string[]): string => times.map((time) => time.slice(5, 16)).join(' ');

// Whatever the zone of the machine, a schedule is in its own.
describe.each(['UTC', 'America/New_York', 'Europe/Riga', 'Australia/Sydney'])('on a machine in %s', (machine) => {
  beforeEach(() => {
    process.env['TZ'] = machine;
  });

  test.each([
    // The clock goes from 02:00 to 03:00 at 07:00Z, and from 02:00 to 01:00 at 06:00Z.
    ['America/New_York', '30 2 * * *', '2026-03-07T00:00Z', '03-07T07:30 03-08T07:30 03-09T06:30'],
    ['America/New_York', '30 1 * * *', '2026-10-31T00:00Z', '10-31T05:30 11-01T05:30 11-02T06:30'],
    // From 03:00 to 04:00 at 01:00Z, and from 04:00 to 03:00 at 01:00Z.
    ['Europe/Riga', '30 3 * * *', '2026-03-28T00:00Z', '03-28T01:30 03-29T01:30 03-30T00:30'],
    ['Europe/Riga', '30 3 * * *', '2026-10-24T00:00Z', '10-24T00:30 10-25T00:30 10-26T01:30'],
    // From 02:00 to 03:00 at 16:00Z, and from 03:00 to 02:00 at 16:00Z.
    ['Australia/Sydney', '30 2 * * *', '2026-10-02T10:00Z', '10-02T16:30 10-03T16:30 10-04T15:30'],
    ['Australia/Sydney', '30 2 * * *', '2026-04-03T10:00Z', '04-03T15:30 04-04T15:30 04-05T16:30'],
  ])(
    'in %s %s runs once a day from %s: an hour later where its time is left out, first where it is repeated',
    async (zone, expression, from, runs) => {
      const to = new Date(Date.parse(from) + 3 * 86_400_000).toISOString();
      expect(brief(await plannedBetween(expression, zone, from, to))).toBe(runs);
    },
  );

  test.each([
    ['America/New_York', '2026-03-08T06:10Z', '03-08T06:30 03-08T07:00 03-08T07:30'],
    ['Europe/Riga', '2026-03-29T00:10Z', '03-29T00:30 03-29T01:00 03-29T01:30'],
    ['Australia/Sydney', '2026-10-03T15:10Z', '10-03T15:30 10-03T16:00 10-03T16:30'],
  ])(
    'in %s what is left out comes once where there is a run at that time anyway, from %s',
    async (zone, from, runs) => {
      const to = new Date(Date.parse(from) + 80 * 60_000).toISOString();
      for (const expression of ['*/30 1-4 * * *', '*/30 * * * *'])
        expect(brief(await plannedBetween(expression, zone, from, to))).toBe(runs);
    },
  );

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

  test.each([
    [
      'America/New_York',
      '2027-01-30T12:00Z',
      '01-31T17:00 03-31T16:00 05-31T16:00',
      '01-31T17:00 02-28T17:00 03-31T16:00',
    ],
    ['Europe/Riga', '2028-01-30T12:00Z', '01-31T10:00 03-31T09:00 05-31T09:00', '01-31T10:00 02-29T10:00 03-31T09:00'],
    [
      'Australia/Sydney',
      '2027-01-30T12:00Z',
      '01-31T01:00 03-31T01:00 05-31T02:00',
      '01-31T01:00 02-28T01:00 03-31T01:00',
    ],
  ])('in %s a month that has no 31st is left out, and the last day is L', (zone, from, thirtyFirst, last) => {
    vi.setSystemTime(new Date(from));
    const list = (expression: string): string =>
      brief(
        nextExpected(expression, zone, Date.now())
          .slice(0, 3)
          .map(({ latestUnixMs }) => new Date(latestUnixMs).toISOString()),
      );
    expect(list('0 12 31 * *')).toBe(thirtyFirst);
    expect(list('0 12 L * *')).toBe(last);
  });

  test('the longest gap is a day with or without a change of the clock, and what is repeated makes it longer', () => {
    // Found once for each text of a schedule: a blank more makes it another.
    const blanks = ' '.repeat(machine.length);
    vi.setSystemTime(new Date('2026-03-07T12:00Z'));
    expect(longestGapMs(`30 2 * * *${blanks}`, 'America/New_York')).toBe(86_400_000);
    vi.setSystemTime(new Date('2026-10-24T12:00Z'));
    expect(longestGapMs(`30 3 * * *${blanks}`, 'Europe/Riga')).toBe(25 * 3_600_000);
    expect(longestGapMs(`*/20 * * * *${blanks}`, 'Europe/Riga')).toBe(1_200_000);
  });
});
