import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { reckonDue } from '../../src/kinds/heartbeat/heartbeat-state.ts';
import { configure } from './configured.ts';

const TZ = process.env['TZ'];
beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => {
  vi.useRealTimers();
  if (TZ === undefined) delete process.env['TZ'];
  else process.env['TZ'] = TZ;
});

/** When the next call is due after one that came at a time. */
async function dueAfter(call: string, cron: string, timezone: string): Promise<string> {
  const monitor = await configure({ heartbeat: 'backup-0123456789abcdef', cron, timezone });
  if (monitor.kind !== 'heartbeat') throw new Error('expected a heartbeat');
  vi.setSystemTime(new Date(call));
  return new Date(reckonDue(monitor, Date.now())).toISOString().slice(0, 16);
}

describe.each(['UTC', 'America/New_York', 'Europe/Riga', 'Australia/Sydney'])('on a machine in %s', (machine) => {
  beforeEach(() => {
    process.env['TZ'] = machine;
  });

  test.each([
    [
      'America/New_York',
      '30 1 * * *',
      '2026-10-31T05:30Z',
      '2026-11-01T06:30',
      '2026-11-01T05:30Z',
      '2026-11-02T06:30',
    ],
    ['Europe/Riga', '30 3 * * *', '2026-10-24T00:30Z', '2026-10-25T01:30', '2026-10-25T00:30Z', '2026-10-26T01:30'],
    [
      'Australia/Sydney',
      '30 2 * * *',
      '2026-04-03T15:30Z',
      '2026-04-04T16:30',
      '2026-04-04T15:30Z',
      '2026-04-05T16:30',
    ],
  ])(
    'in %s a call of %s that is repeated is due at its second pass, and one in either will do',
    async (zone, cron, before, second, first, next) => {
      expect(await dueAfter(before, cron, zone)).toBe(second);
      expect(await dueAfter(first, cron, zone)).toBe(next);
      expect(await dueAfter(`${second}Z`, cron, zone)).toBe(next);
    },
  );

  test.each([
    ['America/New_York', '30 2 * * *', '2026-03-07T07:30Z', '2026-03-09T06:30', '2026-03-08T07:00Z'],
    ['Europe/Riga', '30 3 * * *', '2026-03-28T01:30Z', '2026-03-30T00:30', '2026-03-29T01:00Z'],
    ['Australia/Sydney', '30 2 * * *', '2026-10-02T16:30Z', '2026-10-04T15:30', '2026-10-03T16:00Z'],
  ])(
    'in %s no call of %s is due at a time that the clock leaves out, and one that comes all the same is good',
    async (zone, cron, before, next, comes) => {
      expect(await dueAfter(before, cron, zone)).toBe(next);
      expect(await dueAfter(comes, cron, zone)).toBe(next);
    },
  );

  test('a job that calls in every hour has until the second pass', async () => {
    expect(await dueAfter('2026-11-01T04:50Z', '*/10 * * * *', 'America/New_York')).toBe('2026-11-01T06:00');
    expect(await dueAfter('2026-11-01T05:00Z', '*/10 * * * *', 'America/New_York')).toBe('2026-11-01T06:10');
    expect(await dueAfter('2026-10-25T00:00Z', '*/10 * * * *', 'Europe/Riga')).toBe('2026-10-25T01:10');
    expect(await dueAfter('2026-11-01T07:00Z', '*/10 * * * *', 'America/New_York')).toBe('2026-11-01T07:10');
  });
});
