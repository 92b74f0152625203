import type { TimeInterval } from '@tocsin/service/config';
import { describe, expect, test } from 'vitest';
import { containsTime } from '../../src/time-interval/time-interval.ts';
import { readConfig } from '../notify/scenario.ts';

/** An interval as it is written. */
async function interval(text: string): Promise<TimeInterval> {
  const { alerting } = await readConfig(`alerting: { time_intervals: [{ name: n, time_intervals: [${text}] }] }`);
  return alerting.timeIntervals[0]!.intervals[0]!;
}

const utcMs = (text: string): number => Temporal.Instant.from(`${text}Z`).epochMilliseconds;
const HOURS = "times: [{ start_time: '09:00', end_time: '17:00' }]";

describe('an interval', () => {
  test.each([
    // Nothing said is any time.
    ['{}', '2026-11-25T12:00:00', true],
    // The start belongs to it, the end does not.
    [`{ ${HOURS} }`, '2026-11-25T08:59:59.999', false],
    [`{ ${HOURS} }`, '2026-11-25T09:00:00', true],
    [`{ ${HOURS} }`, '2026-11-25T16:59:59.999', true],
    [`{ ${HOURS} }`, '2026-11-25T17:00:00', false],
    ["{ times: [{ start_time: '23:00', end_time: '24:00' }] }", '2026-11-25T23:59:59.999', true],
    ["{ times: [{ start_time: '00:00', end_time: '24:00' }] }", '2026-11-25T00:00:00', true],
    [
      "{ times: [{ start_time: '01:00', end_time: '02:00' }, { start_time: '03:00', end_time: '04:00' }] }",
      '2026-11-25T02:30:00',
      false,
    ],
    [
      "{ times: [{ start_time: '01:00', end_time: '02:00' }, { start_time: '03:00', end_time: '04:00' }] }",
      '2026-11-25T03:30:00',
      true,
    ],
    // An empty list is no time.
    ['{ times: [] }', '2026-11-25T12:00:00', false],
    // 25 November 2026 is a Wednesday, the 29th a Sunday.
    ["{ weekdays: ['monday:friday'] }", '2026-11-25T12:00:00', true],
    ["{ weekdays: ['monday:friday'] }", '2026-11-29T12:00:00', false],
    ["{ weekdays: ['Sunday', tuesday] }", '2026-11-29T12:00:00', true],
    ["{ weekdays: ['sunday:saturday'] }", '2026-11-28T12:00:00', true],
    // Days of the month, from its end too; what a month does not have is not in it, and is not moved to its last day.
    ["{ days_of_month: ['1:5'] }", '2026-11-05T23:59:59', true],
    ["{ days_of_month: ['1:5'] }", '2026-11-06T00:00:00', false],
    ["{ days_of_month: ['-1'] }", '2026-02-28T12:00:00', true],
    ["{ days_of_month: ['-1'] }", '2028-02-28T12:00:00', false],
    ["{ days_of_month: ['-1'] }", '2028-02-29T12:00:00', true],
    ["{ days_of_month: ['-3:-1'] }", '2026-11-28T12:00:00', true],
    ["{ days_of_month: ['-3:-1'] }", '2026-11-27T12:00:00', false],
    ["{ days_of_month: ['31'] }", '2026-11-30T12:00:00', false],
    ["{ days_of_month: ['31'] }", '2026-12-31T12:00:00', true],
    ["{ days_of_month: ['30:31'] }", '2026-02-28T12:00:00', false],
    ["{ days_of_month: ['28:31'] }", '2026-02-28T12:00:00', true],
    ["{ days_of_month: ['-31:-30'] }", '2026-02-01T12:00:00', false],
    ["{ days_of_month: ['-31:-30'] }", '2026-11-01T12:00:00', true],
    ["{ days_of_month: ['20:-5'] }", '2026-11-26T12:00:00', true],
    ["{ days_of_month: ['20:-5'] }", '2026-11-27T12:00:00', false],
    ["{ months: ['january:march', november] }", '2026-11-01T00:00:00', true],
    ["{ months: ['january:march', '12'] }", '2026-11-30T23:59:59', false],
    ["{ years: ['2020:2025', '2027'] }", '2026-11-25T12:00:00', false],
    ["{ years: ['2020:2026'] }", '2026-12-31T23:59:59', true],
    // All that is said must fit.
    [`{ ${HOURS}, weekdays: ['monday:friday'] }`, '2026-11-25T12:00:00', true],
    [`{ ${HOURS}, weekdays: ['monday:friday'] }`, '2026-11-29T12:00:00', false],
    [`{ ${HOURS}, weekdays: ['monday:friday'], months: [may] }`, '2026-11-25T12:00:00', false],
    // Day, month and year are those of the location.
    [
      "{ days_of_month: ['1'], months: [january], years: ['2027'], location: Australia/Sydney }",
      '2026-12-31T13:00:00',
      true,
    ],
    [
      "{ days_of_month: ['1'], months: [january], years: ['2027'], location: America/New_York }",
      '2027-01-01T04:59:59',
      false,
    ],
  ])('%s at %s: %s', async (text, at, expected) => {
    expect(containsTime(await interval(text), utcMs(at))).toBe(expected);
  });
});

/** The edges at which an interval begins and ends, in UTC, minute by minute. */
function edges(subject: TimeInterval, from: string, until: string): string[] {
  const found: string[] = [];
  let before = false;
  for (let atMs = utcMs(from); atMs <= utcMs(until); atMs += 60_000) {
    const now = containsTime(subject, atMs);
    if (now !== before) found.push(`${now ? 'in' : 'out'} ${new Date(atMs).toISOString().slice(5, 16)}`);
    before = now;
  }
  return found;
}

/** 01:30 to 02:30 on the wall, through the nights in which the clock changes. */
const NIGHT = "times: [{ start_time: '01:30', end_time: '02:30' }]";
const ZONES = [
  {
    location: 'America/New_York',
    // 2026-03-08 02:00 → 03:00: what is left out never comes. 2026-11-01 02:00 → 01:00: what is repeated comes twice.
    spring: ['2026-03-08T00:00', '2026-03-08T12:00', ['in 03-08T06:30', 'out 03-08T07:00']],
    autumn: [
      '2026-11-01T00:00',
      '2026-11-01T12:00',
      ['in 11-01T05:30', 'out 11-01T06:00', 'in 11-01T06:30', 'out 11-01T07:30'],
    ],
    business: ['in 03-06T14:00', 'out 03-06T22:00', 'in 03-09T13:00', 'out 03-09T21:00'],
    around: ['2026-03-06T00:00', '2026-03-10T00:00'],
  },
  {
    location: 'Europe/Riga',
    // 2026-03-29 03:00 → 04:00, 2026-10-25 04:00 → 03:00: 01:30 to 02:30 is there once on both nights.
    spring: ['2026-03-28T20:00', '2026-03-29T12:00', ['in 03-28T23:30', 'out 03-29T00:30']],
    autumn: ['2026-10-24T20:00', '2026-10-25T12:00', ['in 10-24T22:30', 'out 10-24T23:30']],
    business: ['in 03-27T07:00', 'out 03-27T15:00', 'in 03-30T06:00', 'out 03-30T14:00'],
    around: ['2026-03-27T00:00', '2026-03-31T00:00'],
  },
  {
    location: 'Australia/Sydney',
    // 2026-10-04 02:00 → 03:00, 2026-04-05 03:00 → 02:00.
    spring: ['2026-10-03T12:00', '2026-10-04T06:00', ['in 10-03T15:30', 'out 10-03T16:00']],
    autumn: [
      '2026-04-04T12:00',
      '2026-04-05T06:00',
      ['in 04-04T14:30', 'out 04-04T15:30', 'in 04-04T16:00', 'out 04-04T16:30'],
    ],
    business: ['in 04-02T22:00', 'out 04-03T06:00', 'in 04-05T23:00', 'out 04-06T07:00'],
    around: ['2026-04-02T12:00', '2026-04-06T12:00'],
  },
] as const;

describe.each(ZONES)('the clock on the wall of $location', ({ location, spring, autumn, business, around }) => {
  // What the machine's own zone is makes no difference.
  test.each(['UTC', 'America/New_York', 'Europe/Riga', 'Australia/Sydney'])('counts, under TZ=%s', async (zone) => {
    const night = await interval(`{ ${NIGHT}, location: ${location} }`);
    const office = await interval(`{ ${HOURS}, weekdays: ['monday:friday'], location: ${location} }`);
    withZone(zone, () => {
      expect(edges(night, spring[0], spring[1])).toEqual(spring[2]);
      expect(edges(night, autumn[0], autumn[1])).toEqual(autumn[2]);
      expect(edges(office, around[0], around[1])).toEqual(business);
    });
  });

  test('is that of Local where the machine is there', async () => {
    const local = await interval(`{ ${NIGHT}, location: Local }`);
    withZone(location, () => expect(edges(local, autumn[0], autumn[1])).toEqual(autumn[2]));
  });
});

function withZone(zone: string, work: () => void): void {
  const before = process.env['TZ'];
  process.env['TZ'] = zone;
  try {
    work();
  } finally {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  }
}
