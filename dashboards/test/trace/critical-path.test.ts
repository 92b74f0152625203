import { expect, test } from 'vitest';
import { findCriticalPath } from '../../src/trace/critical-path.ts';
import { layOutWaterfall } from '../../src/trace/waterfall.ts';
import { EVENING_MS, spanRow } from '../fixtures.ts';

/** Rows as depth, begin and end, in ms. */
const path = (...rows: readonly (readonly [depth: number, from: number, to: number])[]) =>
  Object.fromEntries(
    findCriticalPath(rows.map(([depth, from, to]) => ({ depth, offsetMs: from, durationMs: to - from }))),
  );

test('a span alone is its own critical path', () => {
  expect(path([0, 0, 10])).toEqual({ 0: [[0, 10]] });
});

test('of children one after another each is on it, and the time between them is the parent’s', () => {
  expect(path([0, 0, 100], [1, 10, 40], [1, 50, 90])).toEqual({
    0: [
      [0, 10],
      [40, 50],
      [90, 100],
    ],
    1: [[10, 40]],
    2: [[50, 90]],
  });
});

test('of children side by side only the last to end is on it', () => {
  expect(path([0, 0, 100], [1, 10, 60], [1, 10, 90])).toEqual({
    0: [
      [0, 10],
      [90, 100],
    ],
    2: [[10, 90]],
  });
});

test('it goes down to the deepest that was waited for', () => {
  expect(path([0, 0, 30], [1, 0, 30], [2, 5, 25])).toEqual({
    0: [[0, 0]],
    1: [
      [0, 5],
      [25, 30],
    ],
    2: [[5, 25]],
  });
});

test('a child that outlasts its parent, or begins before it, counts within it only', () => {
  expect(path([0, 10, 50], [1, 40, 900], [1, 0, 20])).toEqual({
    0: [[20, 40]],
    1: [[40, 50]],
    2: [[10, 20]],
  });
});

test('a child by a clock that is off altogether is not on it', () => {
  expect(path([0, 100, 200], [1, 0, 50])).toEqual({ 0: [[100, 200]] });
});

test('of several roots the longest has it', () => {
  expect(Object.keys(path([0, 0, 10], [0, 5, 90], [1, 6, 80]))).toEqual(['1', '2']);
});

test('no rows have none, and ten thousand below one another are walked', () => {
  expect(path()).toEqual({});
  const chain = Array.from({ length: 10_000 }, (_, depth) => [depth, depth, 20_000] as const);
  expect(Object.keys(path(...chain))).toHaveLength(10_000);
});

test('the layout says which spans are on it, and who begins before its parent', () => {
  const { rows } = layOutWaterfall([
    spanRow('a', '', { duration_ms: 100 }),
    spanRow('b', 'a', { start_ms: EVENING_MS - 5, duration_ms: 10 }),
    spanRow('c', 'a', { start_ms: EVENING_MS + 50, duration_ms: 50 }),
  ]);
  expect(rows.map(({ span, skewMs }) => [span.span_id, skewMs])).toEqual([
    ['a', undefined],
    ['b', 5],
    ['c', undefined],
  ]);
  expect(rows[2]?.critical).toEqual([[55, 105]]);
});
