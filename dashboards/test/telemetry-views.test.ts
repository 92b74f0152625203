import { describe, expect, test } from 'vitest';
import { readFilters } from '../src/filters/attribute-filters.ts';
import { stepsOver, stepTimes } from '../src/filters/time-steps.ts';
import { readWords } from '../src/logs/read-words.ts';
import { stepsFor } from '../src/metrics/load-series.ts';
import { percentileOf } from '../src/metrics/percentile.ts';
import { viewsOf } from '../src/metrics/views.ts';
import { historySteps, viewPhases } from '../src/monitor/history.ts';
import { LAST_END } from '../src/queries/metric-buckets.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

describe('words that are looked for', () => {
  test.each([
    ['card declined', ['card', 'declined'], []],
    ['"card declined" -health', ['card declined'], ['health']],
    ['-"not found" x', ['x'], ['not found']],
    ['a-b - "open', ['a-b', '-', 'open'], []],
    ['  ', [], []],
    ['""', [], []],
  ])('%s', (text, words, noWords) => {
    expect(readWords(text)).toEqual({ words, noWords });
  });

  test('there are twenty at most', () => {
    expect(readWords('w '.repeat(50)).words).toHaveLength(20);
  });
});

test('filters of one key with = are one of these; the others hold together', () => {
  expect(readFilters(['k=a', 'k=b=c', 'l!=', 'm~part', 'http.route=/x?y~z'], 'where')).toEqual({
    status: 'ok',
    parameters: {
      is_keys: ['k', 'http.route'],
      is_values: [['a', 'b=c'], ['/x?y~z']],
      not_keys: ['l'],
      not_values: [''],
      part_keys: ['m'],
      part_values: ['part'],
    },
  });
});

test.each(['', 'k', '=v', '!k=v'])('%j is no filter', (text) => {
  expect(readFilters([text], 'where')).toMatchObject({ status: 'wrong', errors: [{ field: 'where' }] });
});

describe('steps', () => {
  test('cover the time in round lengths', () => {
    const steps = stepsOver({ from: 90_000, to: HOUR_MS + 90_000 }, 60, 1_000);
    expect(steps).toEqual({ fromMs: 60_000, toMs: HOUR_MS + 2 * MINUTE_MS, stepMs: MINUTE_MS });
    expect(stepTimes(steps)).toHaveLength(61);
  });

  test('of 400 days are not too many', () => {
    expect(stepTimes(stepsOver({ from: 0, to: 400 * 24 * HOUR_MS }, 100, 1_000)).length).toBeLessThan(103);
  });

  test('of a metric hold a point of each series, of a rise two, and the one that runs now is left out', () => {
    const range = { from: 0, to: HOUR_MS + 1 };
    const shape = { points: 122, series: 2, span_s: 3_600 };
    expect(stepsFor({ ...shape, kind: 'gauge' }, range)).toMatchObject({ stepMs: MINUTE_MS, toMs: HOUR_MS });
    expect(stepsFor({ ...shape, kind: 'sum' }, range).stepMs).toBe(2 * MINUTE_MS);
    const alone = { kind: 'sum', points: 1, series: 1, span_s: 0 } as const;
    expect(stepsFor(alone, { from: 0, to: HOUR_MS }).stepMs).toBe(30_000);
  });

  test('of a monitor are two runs long at least, and whole hours or days where rollups are read', () => {
    expect(historySteps({ from: 0, to: HOUR_MS }, 300_000)).toMatchObject({ source: 'runs', stepMs: 600_000 });
    expect(historySteps({ from: 0, to: 24 * HOUR_MS }, 30_000)).toMatchObject({ source: 'hours', stepMs: HOUR_MS });
    const year = historySteps({ from: 0, to: 365 * 24 * HOUR_MS }, 30_000);
    expect(year.source).toBe('days');
    expect(year.stepMs % (24 * HOUR_MS)).toBe(0);
  });
});

describe('percentiles of buckets', () => {
  const ends = [0.1, 0.5, 1, LAST_END];
  test('lie within their bucket, evenly', () => {
    expect(percentileOf({ ends, counts: [0, 10, 0, 0] }, 0.5, false)).toBeCloseTo(0.3);
    expect(percentileOf({ ends, counts: [10, 0, 0, 0] }, 0.5, false)).toBeCloseTo(0.05);
    expect(percentileOf({ ends, counts: [5, 5, 0, 0] }, 0.75, false)).toBeCloseTo(0.3);
  });
  test('are the last bound where they are beyond it', () => {
    expect(percentileOf({ ends, counts: [0, 0, 0, 3] }, 0.5, false)).toBe(1);
  });
  test('are not there where nothing was counted', () => {
    expect(percentileOf({ ends, counts: [0, 0, 0, 0] }, 0.5, false)).toBeUndefined();
    expect(percentileOf({ ends: [LAST_END], counts: [4] }, 0.5, false)).toBeUndefined();
  });
  test('begin below zero where the first bound is', () => {
    expect(percentileOf({ ends: [-5, 5, LAST_END], counts: [1, 0, 0] }, 0.5, false)).toBe(-5);
  });
  test('of exponential histograms are not spread over empty buckets', () => {
    const value = percentileOf({ ends: [0, 2, 1_024], counts: [0, 1, 9] }, 0.5, true);
    expect(value).toBeGreaterThan(1_024 / 2 ** (1 / 8));
    expect(value).toBeLessThan(1_024);
    expect(percentileOf({ ends: [-1, 0], counts: [10, 0] }, 0.5, true)).toBeGreaterThan(-(2 ** (1 / 8)));
    expect(percentileOf({ ends: [0], counts: [10] }, 0.5, true)).toBe(0);
  });
});

test('what can be drawn follows from what is measured', () => {
  const shape = { unit: '', description: '', series: 1, points: 1, span_s: 0, is_delta: false, is_monotonic: true };
  expect(viewsOf({ ...shape, kind: 'gauge' })[0]).toBe('avg');
  expect(viewsOf({ ...shape, kind: 'sum' })).toEqual(['rate', 'increase']);
  expect(viewsOf({ ...shape, kind: 'sum', is_monotonic: false })[0]).toBe('sum');
  expect(viewsOf({ ...shape, kind: 'sum', is_monotonic: false, is_delta: true })[0]).toBe('increase');
  expect(viewsOf({ ...shape, kind: 'exponential_histogram' })[0]).toBe('percentiles');
  expect(viewsOf({ ...shape, kind: 'summary' })).toEqual([]);
});

test('phases add up to the mean run, also where only some runs have one', () => {
  const rows = [
    { at_ms: 0, phase: 'total', mean_ms: 15, runs: 2 },
    { at_ms: 0, phase: 'tls', mean_ms: 10, runs: 1 },
    { at_ms: 0, phase: 'connect', mean_ms: 10, runs: 2 },
    { at_ms: 1, phase: 'total', mean_ms: 3, runs: 1 },
    { at_ms: 1, phase: 'connect', mean_ms: 3, runs: 1 },
  ];
  expect(viewPhases(rows, { fromMs: 0, toMs: 3, stepMs: 1 })).toEqual([
    { phase: 'connect', valuesMs: [10, 3, null] },
    { phase: 'tls', valuesMs: [5, 0, null] },
  ]);
});
