import { expect, test } from 'vitest';
import { describeGaps } from '../../src/on-call/gaps.ts';
import type { Layer, Restriction } from '../../src/on-call/schedule.ts';

const layer = (start: string, ...restrictions: Restriction[]): Layer => ({
  users: ['ana'],
  everyDays: 1,
  start,
  handover: '00:00',
  restrictions,
});
const NOW_MS = Date.parse('2026-11-20T10:00Z');
const described = (timeZone: string, ...layers: Layer[]) =>
  describeGaps({ name: 'primary', timeZone, layers }, [], NOW_MS);

test('a gap of every week is one, in the words of the zone', () => {
  const always = { days: [1, 2, 3, 4, 5, 7], from: '00:00', to: '00:00' };
  const saturday = { days: [6], from: '08:00', to: '02:00' };
  const before = { days: [6], from: '00:00', to: '02:00' };
  expect(described('America/New_York', layer('2026-11-01', always, saturday, before)).gaps).toEqual([
    'Saturday 02:00–08:00 (4 times from 2026-11-21)',
  ]);
});

test('one that goes on now, and one that does not end, say so', () => {
  expect(described('UTC', layer('2026-11-21')).gaps).toEqual(['now, until Saturday 2026-11-21 00:00']);
  expect(described('UTC', layer('2027-11-21'))).toEqual({
    gaps: ['all of the next four weeks'],
    totalMs: 28 * 86_400_000,
  });
});

test('gaps at the same time of several days are one', () => {
  const evening = (days: number[]) =>
    described('UTC', layer('2026-11-01', { days, from: '00:00', to: '22:00' })).gaps[0];
  expect(evening([1, 2, 3, 4, 5, 6, 7])).toBe('every day 22:00–00:00 (28 times from 2026-11-20)');
  const but = (open: number[]) => [
    { days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '22:00' },
    { days: open, from: '22:00', to: '00:00' },
  ];
  expect(described('UTC', layer('2026-11-01', ...but([2, 3, 5, 6, 7]))).gaps).toEqual([
    'Monday, Thursday 22:00–00:00 (8 times from 2026-11-23)',
  ]);
});

test('where there is none nothing is said', () => {
  expect(described('UTC', layer('2026-11-01'))).toEqual({ gaps: [], totalMs: 0 });
});
