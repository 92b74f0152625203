import { expect, test } from 'vitest';
import type { WaterfallRow } from '../../src/trace/contract-types.ts';
import { endOfBranch, findRow, hasChildren, nameRow, visibleRows } from '../src/pages/trace/visible-rows.ts';

function row(id: string, depth: number, changes: Partial<WaterfallRow['span']> = {}, critical = false): WaterfallRow {
  const span = {
    span_id: id,
    parent_span_id: '',
    service: 'shop',
    name: `span ${id}`,
    kind: 'Internal',
    start_ms: 0,
    start_ns: `${id}0`,
    duration_ms: 1,
    status: 'Unset',
    failure: '',
    events: 0,
    event_offsets_ms: [],
    links: 0,
    ...changes,
  };
  return { span, depth, offsetMs: 0, orphan: false, ...(critical && { critical: [[0, 1]] }) };
}

const rows = [
  row('a', 0, {}, true),
  row('b', 1),
  row('c', 2, { status: 'Error' }),
  row('d', 1, { service: 'stock' }),
  row('e', 0),
];
const ALL = { find: '', only: 'all' } as const;

test('what is below a closed row is not shown', () => {
  expect(visibleRows(rows, new Set(), ALL)).toEqual([0, 1, 2, 3, 4]);
  expect(visibleRows(rows, new Set([1]), ALL)).toEqual([0, 1, 3, 4]);
  expect(visibleRows(rows, new Set([0, 1]), ALL)).toEqual([0, 4]);
  expect([endOfBranch(rows, 0), endOfBranch(rows, 4)]).toEqual([4, 5]);
  expect(rows.map((_, index) => hasChildren(rows, index))).toEqual([true, true, false, false, false]);
});

test('what is looked for is found by name, service and id, below closed rows too', () => {
  const closed = new Set([0]);
  expect(visibleRows(rows, closed, { find: 'STOCK', only: 'all' })).toEqual([3]);
  expect(visibleRows(rows, closed, { find: 'span b', only: 'all' })).toEqual([1]);
  expect(visibleRows(rows, closed, { find: 'c', only: 'all' })).toEqual([2, 3]);
  expect(visibleRows(rows, closed, { find: '', only: 'errors' })).toEqual([2]);
  expect(visibleRows(rows, closed, { find: '', only: 'critical' })).toEqual([0]);
});

test('a row is named by its span, and with its begin where the id is not one span’s alone', () => {
  const twice = [row('a', 0), row('a', 1, { start_ns: '77' }), row('', 1, { start_ns: '88' })];
  expect(twice.map((_, index) => nameRow(twice, index))).toEqual(['a', 'a@77', '@88']);
  for (const index of twice.keys()) expect(findRow(twice, nameRow(twice, index))).toBe(index);
  expect([findRow(twice, 'zz'), findRow(twice, null), findRow(twice, '')]).toEqual([undefined, undefined, undefined]);
});
