import { expect, test } from 'vitest';
import { layOutWaterfall } from '../src/trace/waterfall.ts';
import { EVENING_MS, spanRow } from './fixtures.ts';

const shape = (...spans: Parameters<typeof layOutWaterfall>[0]) =>
  layOutWaterfall(spans).rows.map(({ span, depth }) => `${depth}${span.span_id}`);

test('children stand below their parent, by start', () => {
  const spans = [
    spanRow('d', 'b', { start_ms: EVENING_MS + 3 }),
    spanRow('c', 'a', { start_ms: EVENING_MS + 5 }),
    spanRow('b', 'a', { start_ms: EVENING_MS + 2 }),
    spanRow('a', ''),
  ];
  expect(shape(...spans)).toEqual(['0a', '1b', '2d', '1c']);
});

test('a span whose parent is missing is a root and says so', () => {
  const { rows } = layOutWaterfall([spanRow('a', ''), spanRow('b', 'gone', { start_ms: EVENING_MS + 1 })]);
  expect(rows.map(({ depth, orphan }) => [depth, orphan])).toEqual([
    [0, false],
    [0, true],
  ]);
});

test('a cycle is entered at its earliest span and every span is shown once', () => {
  expect(
    shape(spanRow('a', 'b', { start_ms: EVENING_MS + 1 }), spanRow('b', 'a'), spanRow('self', 'self')).toSorted(),
  ).toEqual(['0b', '0self', '1a']);
});

test('spans with the same id are all shown', () => {
  expect(shape(spanRow('a', ''), spanRow('a', ''), spanRow('', 'a'), spanRow('', ''))).toHaveLength(4);
});

test('a chain of ten thousand spans is laid out', () => {
  const chain = Array.from({ length: 10_000 }, (_, index) =>
    spanRow(`s${index}`, index === 0 ? '' : `s${index - 1}`, { start_ms: EVENING_MS + index }),
  );
  expect(layOutWaterfall(chain).rows.at(-1)?.depth).toBe(9_999);
});

test('the trace lasts from the first start to the last end, though a child begins before its parent', () => {
  const waterfall = layOutWaterfall([
    spanRow('a', '', { start_ms: EVENING_MS, duration_ms: 10 }),
    spanRow('b', 'a', { start_ms: EVENING_MS - 5, duration_ms: 40, service: 'stock', status: 'Error' }),
  ]);
  expect(waterfall.durationMs).toBe(40);
  expect(waterfall.rows.every(({ offsetMs }) => offsetMs >= 0)).toBe(true);
  expect(waterfall.services.toSorted()).toEqual(['shop', 'stock']);
  expect(waterfall.errors).toBe(1);
});

test('no spans make an empty waterfall', () => {
  expect(layOutWaterfall([])).toMatchObject({ rows: [], durationMs: 0, errors: 0 });
});
