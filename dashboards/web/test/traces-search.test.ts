import { expect, test } from 'vitest';
import { durationAt, heightOf, placeOf, scaleOf, shadeOf, sideTicks } from '../src/pages/traces/picture.ts';
import { readDuration, readSearch } from '../src/pages/traces/search-query.ts';

test('a URL says the whole search, and what is no value is left out', () => {
  const search =
    'service=shop&status=error&min=250ms&max=2s&root=true&where=a%3D1&where=b&sort=slowest&before=1700000000000';
  expect(readSearch(new URLSearchParams(search))).toEqual({
    service: 'shop',
    operation: undefined,
    status: 'error',
    min: 250,
    max: 2_000,
    root: true,
    where: ['a=1', 'b'],
    sort: 'slowest',
    before: 1_700_000_000_000,
  });
  expect(readSearch(new URLSearchParams('status=bad&min=long&sort=x&before=y&root=1'))).toEqual({ where: [] });
});

test('durations are read as people write them', () => {
  expect(['80', '1.5 s', '2min', '500us', '500µs'].map(readDuration)).toEqual([80, 1_500, 120_000, 0.5, 0.5]);
  expect(['', 'x', '-1', '1h', '1e9'].map(readDuration)).toEqual(Array(5).fill(undefined));
});

test('the picture covers what is drawn, and a height is a duration again', () => {
  const scale = scaleOf([[0, 40, 10, 0]], [1, 100]);
  for (const ms of [1, 10, 100]) {
    expect(heightOf(scale, ms)).toBeGreaterThan(0);
    expect(heightOf(scale, ms)).toBeLessThan(1);
    expect(durationAt(scale, heightOf(scale, ms))).toBeCloseTo(ms, 6);
  }
  expect(sideTicks(scale)).toEqual([1, 10, 100]);
  expect(heightOf(scale, 0)).toBe(0);
  expect(scaleOf([], []).to).toBeGreaterThan(scaleOf([], []).from);
});

test('time goes from left to right, and the fullest cell is the darkest', () => {
  expect([0, 50, 100, 200].map((at) => placeOf({ fromMs: 0, toMs: 100 }, at))).toEqual([0, 0.5, 1, 1]);
  expect([1, 1_000, 1_000_000].map((spans) => shadeOf(spans, 1_000_000))).toEqual([1, 3, 5]);
  expect(shadeOf(1, 1)).toBe(3);
});
