import { expect, test } from 'vitest';
import { formatAge, formatAgo, formatDurationMs, formatRate, formatShare, formatTime } from '../src/html/format.ts';

test('an age is shown in its largest unit, rounded down', () => {
  expect([999, 1_000, 59_999, 3_599_999, 3_600_000, 200_000_000].map(formatAge)).toEqual([
    '0 s',
    '1 s',
    '59 s',
    '59 min',
    '1 h',
    '2 d',
  ]);
  expect(formatAgo(1_000, 900)).toBe('just now');
  expect(formatAgo(0, 12_000)).toBe('12 s ago');
});

test('a duration has three significant digits', () => {
  expect([0.8304, 12.44, 123.7, 1_321, 90_000].map(formatDurationMs)).toEqual([
    '830 µs',
    '12.4 ms',
    '124 ms',
    '1.32 s',
    '1.5 min',
  ]);
});

test('a small rate is not shown as nothing', () => {
  expect([0, 0.001, 0.1234, 123.4].map(formatRate)).toEqual(['0', '<0.01', '0.123', '123']);
});

test('only a whole is 100 % and only nothing is 0 %', () => {
  expect([0, 0.00001, 0.0512, 0.5, 0.999999, 1].map(formatShare)).toEqual([
    '0 %',
    '<0.01 %',
    '5.1 %',
    '50 %',
    '99.99 %',
    '100 %',
  ]);
});

test('times are shown in UTC', () => {
  expect(formatTime(Date.UTC(2026, 10, 22, 19, 42, 10, 999))).toBe('2026-11-22 19:42:10 UTC');
});
