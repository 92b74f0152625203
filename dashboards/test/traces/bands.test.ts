import { expect, test } from 'vitest';
import { type Band, bandsOfDuration, bandsOfTime, LONGEST_NS } from '../../src/traces/bands.ts';
import { bindConditions, readCondition } from '../../src/traces/read-where.ts';

const whole: Band = { fromMs: 0, toMs: 600_000, minNs: 0, maxNs: LONGEST_NS };
const growth = { first: 100, factor: 10 };

/** Together they are the whole, without gap and without overlap. */
function expectWhole(bands: readonly Band[], { fromMs, toMs }: Band = whole): void {
  expect(bands.map(({ toMs: end }) => end)).toEqual([toMs, ...bands.slice(0, -1).map(({ fromMs: begin }) => begin)]);
  expect(bands.at(-1)?.fromMs).toBe(fromMs);
  expect(bands.every((band) => band.toMs > band.fromMs)).toBe(true);
}

test('the newest stretch has as many spans as are wanted, each further one ten times as many', () => {
  const counted = new Map(Array.from({ length: 10 }, (_, minute) => [minute * 60_000, 60]));
  const bands = bandsOfTime(whole, counted, 60_000, growth);
  expectWhole(bands);
  expect(bands.map(({ fromMs }) => fromMs)).toEqual([500_000, 0]);
});

test('a busy minute is cut, down to the millisecond, and never further', () => {
  const bands = bandsOfTime(whole, new Map([[540_000, 1e6]]), 60_000, growth);
  expectWhole(bands);
  expect(bands[0]?.fromMs).toBe(599_994);
  expectWhole(bandsOfTime(whole, new Map([[540_000, 1e12]]), 60_000, growth));
  const short = { ...whole, fromMs: 599_999 };
  expectWhole(bandsOfTime(short, new Map([[540_000, 1e9]]), 60_000, growth), short);
});

test('where nothing is known there is one stretch', () => {
  expect(bandsOfTime(whole, new Map(), 60_000, growth)).toEqual([whole]);
  expect(bandsOfDuration(whole, new Map(), growth)).toEqual([whole]);
});

test('what is newer than the search is not counted', () => {
  const before = { ...whole, toMs: 300_000 };
  const counted = new Map([
    [540_000, 1_000],
    [240_000, 1_000],
  ]);
  expectWhole(bandsOfTime(before, new Map([...counted].filter(([at]) => at < before.toMs)), 60_000, growth), before);
});

test('the longest durations come first, in bands of the rollup', () => {
  const bands = bandsOfDuration(
    whole,
    new Map([
      [40, 99],
      [38, 1],
      [20, 5_000],
      [-1, 3],
    ]),
    growth,
  );
  expect(bands.map(({ minNs, maxNs }) => [minNs, maxNs])).toEqual([
    [2 ** 19, LONGEST_NS],
    [1_024, 2 ** 19],
    [0, 1_024],
  ]);
});

test('conditions are read as they are written', () => {
  expect(readCondition('http.route=/a=b')).toEqual({
    source: 'span',
    key: 'http.route',
    operator: '=',
    value: '/a=b',
  });
  expect(readCondition('resource.host.name!=a')).toMatchObject({
    source: 'resource',
    key: 'host.name',
    operator: '!=',
  });
  expect(readCondition('size>1e3')).toMatchObject({ operator: '>', value: '1e3' });
  expect(readCondition('url.path')).toMatchObject({ operator: 'exists', value: '' });
  for (const wrong of ['', '=', '~x', 'size>', 'size<big', 'resource.=x']) expect(readCondition(wrong)).toBeUndefined();
});

test('equal ones are bound for the index, others beside them', () => {
  const conditions = ['a=1', 'resource.b=2', 'c!=3']
    .map((one) => readCondition(one))
    .filter((one) => one !== undefined);
  expect(bindConditions(conditions)).toEqual({
    span_keys: ['a'],
    span_values: ['1'],
    resource_keys: ['b'],
    resource_values: ['2'],
    other_sources: ['span'],
    other_keys: ['c'],
    other_operators: ['!='],
    other_values: ['3'],
  });
});
