import { describe, expect, test } from 'vitest';
import type { LogRecordRow } from '../../src/queries/log-records.ts';
import { growTail, readSearch } from '../src/pages/logs/search.ts';
import { stackOf } from '../src/pages/logs/severity.ts';
import { linesOf, statisticsOf } from '../src/pages/metrics/lines.ts';
import { wordsOfEnd } from '../src/pages/monitor/certificate-words.ts';
import { badDays, barOfDay } from '../src/pages/monitor/days.ts';
import { stackOfPhases } from '../src/pages/monitor/stack.ts';
import { formatWithUnit } from '../src/words/units.ts';

const record = (atNs: string, id = '1') => ({ at_ns: atNs, id }) as LogRecordRow;

describe('following log records', () => {
  const empty = { records: [], dropped: 0, missed: false };

  test('what is asked for twice is there once, newest first, and what has no room is counted', () => {
    const first = growTail(empty, { records: [record('30'), record('10')], hasMore: false }, 3);
    const second = growTail(first, { records: [record('40'), record('30'), record('20')], hasMore: false }, 3);
    expect(second.records.map(({ at_ns }) => at_ns)).toEqual(['40', '30', '20']);
    expect(second).toMatchObject({ dropped: 1, missed: false });
  });

  test('what changes nothing is the same', () => {
    const first = growTail(empty, { records: [record('30')], hasMore: false }, 3);
    expect(growTail(first, { records: [record('30')], hasMore: false }, 3)).toBe(first);
  });

  test('when more came than is asked for at once, and nothing of it was known, some were missed', () => {
    const first = growTail(empty, { records: [record('10')], hasMore: true }, 10);
    expect(first.missed).toBe(false);
    expect(growTail(first, { records: [record('30'), record('20')], hasMore: true }, 10).missed).toBe(true);
    expect(growTail(first, { records: [record('30'), record('10')], hasMore: true }, 10).missed).toBe(false);
  });

  test('times are compared as numbers, however long', () => {
    const first = growTail(empty, { records: [record('9'), record('10')], hasMore: false }, 10);
    expect(first.records.map(({ at_ns }) => at_ns)).toEqual(['10', '9']);
  });
});

test('a search says only what the URL says and can be', () => {
  const query = new URLSearchParams('q=card&severity=error&severity=loud&service=a&service=b&trace=&where=k%3Dv');
  expect(readSearch(query, { fromMs: 1.5, toMs: 2.5 })).toEqual({
    from: 1,
    to: 3,
    q: 'card',
    service: ['a', 'b'],
    severity: ['error'],
    where: ['k=v'],
  });
});

test('severities stand on each other, the most severe at the foot and drawn last', () => {
  const rows = [
    { at_ms: 0, severity: 'info', records: 5 },
    { at_ms: 0, severity: 'error', records: 2 },
    { at_ms: 10, severity: 'info', records: 1 },
  ];
  const { timesMs, series } = stackOf({ fromMs: 0, toMs: 20, stepMs: 10, rows });
  expect(timesMs).toEqual([0, 10]);
  expect(series.map(({ name, values, shown }) => [name, values, shown])).toEqual([
    ['info', [7, 1], [5, 1]],
    ['error', [2, 0], [2, 0]],
  ]);
});

test('phases stand on each other, and a gap stays one', () => {
  const series = stackOfPhases([
    { phase: 'resolve', valuesMs: [1, null] },
    { phase: 'connect', valuesMs: [2, null] },
  ]);
  expect(series.map(({ name, values }) => [name, values])).toEqual([
    ['connect', [3, null]],
    ['resolve', [1, null]],
  ]);
});

test('a day says what its runs found', () => {
  const day = { dayMs: 0, passed: 0, failed: 0, unknown: 0, excluded: 0, reason: '' };
  expect(barOfDay(day)).toEqual({ tone: 'none', title: '1970-01-01: no run' });
  expect(barOfDay({ ...day, unknown: 2 })).toEqual({ tone: 'unknown', title: '1970-01-01: 2 unknown' });
  expect(barOfDay({ ...day, excluded: 2 }).tone).toBe('off');
  expect(barOfDay({ ...day, passed: 99, failed: 1, reason: 'timeout' })).toEqual({
    tone: 'degraded',
    title: '1970-01-01: 99 % up, 1 of 100 runs failed, mostly timeout',
  });
  expect(barOfDay({ ...day, passed: 1, failed: 1 }).tone).toBe('down');
  expect(badDays([day, { ...day, failed: 1 }])).toHaveLength(1);
});

test('an end is in danger two weeks before', () => {
  const dayMs = 86_400_000;
  expect(wordsOfEnd(15 * dayMs, 0)).toEqual({ words: 'in 15 d', isBad: false });
  expect(wordsOfEnd(13 * dayMs, 0)).toEqual({ words: 'in 13 d', isBad: true });
  expect(wordsOfEnd(0, 2 * dayMs)).toEqual({ words: 'ended 2 d ago', isBad: true });
});

test('lines are named by what they are grouped by, each by a name of its own', () => {
  const lines = [
    { labels: ['a', ''], values: [1] },
    { labels: ['a', ''], values: [2] },
  ];
  expect(linesOf({ lines, view: 'rate' }, ['k', 'l']).map(({ name }) => name)).toEqual([
    'k=a, l=(none)',
    'k=a, l=(none) (2)',
  ]);
  expect(linesOf({ lines: [{ labels: [], values: [1] }], view: 'rate' }, [])[0]?.name).toBe('rate');
  expect(linesOf({ lines: [{ labels: ['a', 'p99'], values: [1] }], view: 'percentiles' }, ['k'])[0]?.name).toBe(
    'k=a, p99',
  );
});

test('statistics are of the values that are there', () => {
  expect(statisticsOf([null, 1, 3, null])).toEqual({ last: 3, least: 1, mean: 2, most: 3 });
  expect(statisticsOf([null]).last).toBeUndefined();
});

test.each([
  [1.32, 's', false, '1.32 s'],
  [0.0005, 's', false, '500 µs'],
  [-0.25, 's', false, '−250 ms'],
  [104_857_600, 'By', false, '100 MiB'],
  [2_048, 'By', true, '2 KiB/s'],
  [12_345, '{request}', true, '12.3 k /s'],
  [0.5, 's', true, '0.5 s /s'],
  [0, '1', false, '0'],
  [97.25, '%', false, '97.3 %'],
  [3, 'V', false, '3 V'],
  [0.00001, '', false, '1.0e-5'],
  [Number.NaN, 's', false, '–'],
])('%s of %s (rate: %s) is written %s', (value, unit, isRate, text) => {
  expect(formatWithUnit(value, unit, isRate)).toBe(text);
});
