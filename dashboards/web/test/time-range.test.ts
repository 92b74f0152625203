import { expect, test } from 'vitest';
import { chooseStepMs, parseLength, readRange, windowOf, writeLength, writeRange } from '../src/state/time-range.ts';
import { formatClock, formatMoment, zoneName } from '../src/words/moment.ts';

const HOUR_MS = 3_600_000;
const EVENING_MS = Date.UTC(2026, 10, 22, 19, 5, 7, 9);

test('lengths are read and written alike', () => {
  for (const text of ['5s', '15m', '1h', '24h', '2d', '90d', '90m'])
    expect(writeLength(parseLength(text) ?? 0)).toBe(text);
  for (const text of ['', '0m', '5', 'm', '-5m', '1y', '999d', '1.5h', '5m5m'])
    expect(parseLength(text), text).toBeUndefined();
});

test('a URL says a length, or from and to; what it cannot mean is an hour', () => {
  expect(readRange(new URLSearchParams('range=6h'))).toEqual({ kind: 'recent', lengthMs: 6 * HOUR_MS });
  const iso = new URLSearchParams('from=2026-11-22T18:00:00Z&to=2026-11-22T19:00:00Z');
  const fixed = { kind: 'fixed', fromMs: Date.UTC(2026, 10, 22, 18), toMs: Date.UTC(2026, 10, 22, 19) };
  expect(readRange(iso)).toEqual(fixed);
  expect(readRange(new URLSearchParams(`from=${fixed.fromMs}&to=${fixed.toMs}&range=6h`))).toEqual(fixed);
  for (const text of ['', 'range=long', 'from=2&to=1', 'from=1', 'from=x&to=y', 'from=0&to=99999999999999'])
    expect(readRange(new URLSearchParams(text)), text).toEqual({ kind: 'recent', lengthMs: HOUR_MS });
});

test('a range is written as it is read, and the usual one not at all', () => {
  expect(writeRange({ kind: 'recent', lengthMs: HOUR_MS })).toEqual({
    range: undefined,
    from: undefined,
    to: undefined,
  });
  expect(writeRange({ kind: 'recent', lengthMs: 24 * HOUR_MS }).range).toBe('24h');
  expect(writeRange({ kind: 'fixed', fromMs: 1.4, toMs: 5 })).toEqual({ range: undefined, from: '1', to: '5' });
});

test('a window ends now, and is cut into round steps', () => {
  const window = windowOf({ kind: 'recent', lengthMs: HOUR_MS }, EVENING_MS);
  expect(window).toEqual({ fromMs: EVENING_MS - HOUR_MS, toMs: EVENING_MS });
  expect(chooseStepMs(window, 120)).toBe(30_000);
  expect(chooseStepMs(window, 120, 60_000)).toBe(60_000);
  expect(chooseStepMs({ fromMs: 0, toMs: 400 * 24 * HOUR_MS }, 100)).toBe(24 * HOUR_MS);
});

test('a moment is written in a zone, over the change of summer time too', () => {
  expect(formatMoment(EVENING_MS, 'Europe/Berlin')).toBe('2026-11-22 20:05:07');
  expect(formatMoment(EVENING_MS, 'UTC', 'ms')).toBe('2026-11-22 19:05:07.009');
  expect(formatMoment(Date.UTC(2026, 6, 1, 22, 30), 'Europe/Berlin', 'minute')).toBe('2026-07-02 00:30');
  expect(zoneName('UTC', EVENING_MS)).toBe('UTC');
  expect(formatClock(EVENING_MS, EVENING_MS + 60_000, 'UTC')).toBe('19:05:07');
  expect(formatClock(EVENING_MS, EVENING_MS + 24 * HOUR_MS, 'UTC')).toBe('11-22 19:05');
});
