import type { MaintenanceTimes, MaintenanceWindow } from '@tocsin/service/config';
import { findOccurrence } from '@tocsin/service/maintenance';
import { afterEach, describe, expect, test } from 'vitest';
import { MaintenanceCalendar } from '../src/maintenance.ts';

const TZ = process.env['TZ'];
afterEach(() => {
  if (TZ === undefined) delete process.env['TZ'];
  else process.env['TZ'] = TZ;
});

function makeWindow(
  timeZone: string,
  times: MaintenanceTimes,
  parts: Partial<MaintenanceWindow> = {},
): MaintenanceWindow {
  return { name: 'w', timeZone, times, mutesAlerts: true, countsInAvailability: false, ...parts };
}

type Recurring = Extract<MaintenanceTimes, { type: 'recurring' }>;
const daily = (time: string, parts: Partial<Recurring> = {}): Recurring => ({
  type: 'recurring',
  days: [],
  time,
  until: undefined,
  durationMs: undefined,
  ...parts,
});
const HOUR_MS = 3_600_000;

/** The occurrence that goes on at or follows a time, as `start/end`. */
function occurrence(window: MaintenanceWindow, now: string): string {
  const found = findOccurrence(window, Date.parse(now));
  return found ? `${new Date(found.startMs).toISOString()}/${new Date(found.endMs).toISOString()}` : 'never';
}

// Whatever the zone of the machine, windows are in their own.
describe.each(['UTC', 'America/New_York', 'Europe/Riga', 'Australia/Sydney'])('on a machine in %s', (machine) => {
  const at = (window: MaintenanceWindow, now: string): string => {
    process.env['TZ'] = machine;
    return occurrence(window, now);
  };

  test.each<[string, Recurring, string, string, string]>([
    [
      'America/New_York',
      daily('02:30', { durationMs: HOUR_MS }),
      '2026-03-08T00:00Z',
      '2026-03-08T07:30:00.000Z',
      '2026-03-08T08:30:00.000Z',
    ],
    [
      'America/New_York',
      daily('02:30', { durationMs: HOUR_MS }),
      '2026-03-09T00:00Z',
      '2026-03-09T06:30:00.000Z',
      '2026-03-09T07:30:00.000Z',
    ],
    [
      'America/New_York',
      daily('01:30', { durationMs: HOUR_MS }),
      '2026-11-01T00:00Z',
      '2026-11-01T05:30:00.000Z',
      '2026-11-01T06:30:00.000Z',
    ],
    [
      'America/New_York',
      daily('01:30', { until: '03:00' }),
      '2026-11-01T00:00Z',
      '2026-11-01T05:30:00.000Z',
      '2026-11-01T08:00:00.000Z',
    ],
    [
      'Europe/Riga',
      daily('03:30', { durationMs: HOUR_MS }),
      '2026-03-28T12:00Z',
      '2026-03-29T01:30:00.000Z',
      '2026-03-29T02:30:00.000Z',
    ],
    [
      'Europe/Riga',
      daily('02:00', { until: '05:00' }),
      '2026-03-28T12:00Z',
      '2026-03-29T00:00:00.000Z',
      '2026-03-29T02:00:00.000Z',
    ],
    [
      'Europe/Riga',
      daily('02:00', { until: '05:00' }),
      '2026-10-24T12:00Z',
      '2026-10-24T23:00:00.000Z',
      '2026-10-25T03:00:00.000Z',
    ],
    [
      'Europe/Riga',
      daily('03:30', { durationMs: HOUR_MS }),
      '2026-10-24T12:00Z',
      '2026-10-25T00:30:00.000Z',
      '2026-10-25T01:30:00.000Z',
    ],
    [
      'Australia/Sydney',
      daily('02:30', { durationMs: HOUR_MS }),
      '2026-10-03T10:00Z',
      '2026-10-03T16:30:00.000Z',
      '2026-10-03T17:30:00.000Z',
    ],
    [
      'Australia/Sydney',
      daily('02:30', { durationMs: HOUR_MS }),
      '2026-04-04T10:00Z',
      '2026-04-04T15:30:00.000Z',
      '2026-04-04T16:30:00.000Z',
    ],
    [
      'Australia/Lord_Howe',
      daily('01:45', { durationMs: HOUR_MS }),
      '2026-04-04T10:00Z',
      '2026-04-04T14:45:00.000Z',
      '2026-04-04T15:45:00.000Z',
    ],
  ])('%s %o after %s is %s to %s', (zone, times, now, start, end) => {
    expect(at(makeWindow(zone, times), now)).toBe(`${start}/${end}`);
  });

  test('the last day of a month is where that month ends, and a day that a month does not have is left out', () => {
    const last = makeWindow('Europe/Riga', daily('10:00', { days: [{ dayOfMonth: -1 }], durationMs: HOUR_MS }));
    expect(at(last, '2026-02-01T00:00Z')).toBe('2026-02-28T08:00:00.000Z/2026-02-28T09:00:00.000Z');
    expect(at(last, '2028-02-01T00:00Z')).toBe('2028-02-29T08:00:00.000Z/2028-02-29T09:00:00.000Z');
    expect(at(last, '2026-04-01T00:00Z')).toBe('2026-04-30T07:00:00.000Z/2026-04-30T08:00:00.000Z');
    const the31st = makeWindow('UTC', daily('10:00', { days: [{ dayOfMonth: 31 }], durationMs: HOUR_MS }));
    expect(at(the31st, '2026-04-01T00:00Z')).toBe('2026-05-31T10:00:00.000Z/2026-05-31T11:00:00.000Z');
    const leap = makeWindow(
      'UTC',
      daily('10:00', { days: [{ dayOfMonth: -31 }, { dayOfMonth: 30 }], durationMs: HOUR_MS }),
    );
    expect(at(leap, '2026-02-01T12:00Z')).toBe('2026-03-01T10:00:00.000Z/2026-03-01T11:00:00.000Z');
  });

  test('a weekday is that of the zone, and a window may go over midnight', () => {
    const sunday = makeWindow('Australia/Sydney', daily('23:00', { days: [{ weekday: 7 }], until: '01:00' }));
    expect(at(sunday, '2026-11-22T13:30Z')).toBe('2026-11-22T12:00:00.000Z/2026-11-22T14:00:00.000Z');
    expect(at(sunday, '2026-11-22T14:00Z')).toBe('2026-11-29T12:00:00.000Z/2026-11-29T14:00:00.000Z');
  });

  test('a window that happens once is in its zone, and then no more', () => {
    const once = makeWindow('America/New_York', {
      type: 'once',
      start: '2026-03-08T01:30:00',
      end: '2026-03-08T03:30:00',
      durationMs: undefined,
    });
    expect(at(once, '2026-03-01T00:00Z')).toBe('2026-03-08T06:30:00.000Z/2026-03-08T07:30:00.000Z');
    expect(at(once, '2026-03-08T07:30Z')).toBe('never');
  });
});

describe('the calendar', () => {
  const window = makeWindow('UTC', daily('02:00', { durationMs: HOUR_MS }));
  const at = (time: string) => Date.parse(`2026-11-22T${time}Z`);

  test('says what open windows mean, their ends not part of them', () => {
    const calendar = new MaintenanceCalendar();
    const counted = makeWindow('UTC', daily('02:30', { durationMs: HOUR_MS }), {
      mutesAlerts: false,
      countsInAvailability: true,
    });
    const marks = (time: string) => calendar.marksAt([window, counted], at(time));
    expect(marks('01:59:59').isInMaintenance).toBe(false);
    expect(marks('02:00:00')).toEqual({ isInMaintenance: true, mutesAlerts: true, isExcluded: true });
    expect(marks('03:00:00')).toEqual({ isInMaintenance: true, mutesAlerts: false, isExcluded: false });
    expect(marks('03:30:00').isInMaintenance).toBe(false);
  });

  test('is right again after the clock was set back, and the next day', () => {
    const calendar = new MaintenanceCalendar();
    const isOpen = (time: number) => calendar.marksAt([window], time).isInMaintenance;
    expect([isOpen(at('04:00')), isOpen(at('02:30')), isOpen(at('01:00')), isOpen(at('02:30'))]).toEqual([
      false,
      true,
      false,
      true,
    ]);
    expect(isOpen(at('02:30') + 86_400_000)).toBe(true);
  });
});
