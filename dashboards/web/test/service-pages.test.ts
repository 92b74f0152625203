import { expect, test } from 'vitest';
import type { Edge } from '../../src/services/contract-types.ts';
import { compareOperations, errorsChanged, sayChange } from '../src/pages/service/compare.ts';
import { layOutGraph } from '../src/pages/services/layout-graph.ts';

const edge = (from: string, to: string, toKind: Edge['toKind'] = 'service'): Edge => ({
  from,
  to,
  toKind,
  requests: 10,
  errors: 0,
  meanMs: 1,
});
const columns = (edges: readonly Edge[]) =>
  new Map(layOutGraph(edges).nodes.map(({ name, x }) => [name, Math.floor(x / 280)]));

test('who calls stands left of who is called, by the longest way', () => {
  expect(columns([edge('web', 'store'), edge('store', 'db', 'database'), edge('web', 'db', 'database')])).toEqual(
    new Map([
      ['web', 0],
      ['store', 1],
      ['db', 2],
    ]),
  );
});

test('a circle and a service that calls itself are drawn, each node once', () => {
  const layout = layOutGraph([edge('a', 'b'), edge('b', 'c'), edge('c', 'a'), edge('b', 'b')]);
  expect(layout.nodes.map(({ name }) => name).toSorted()).toEqual(['a', 'b', 'c']);
  expect(layout.lines).toHaveLength(4);
  expect(layout.lines.every(({ path }) => !path.includes('NaN'))).toBe(true);
});

test('a service and a database of the same name are two', () => {
  expect(layOutGraph([edge('a', 'x'), edge('a', 'x', 'database')]).nodes).toHaveLength(3);
});

test('nothing stands on another, and so many that nobody could read them are left out', () => {
  const many = Array.from({ length: 200 }, (_, index) => edge(`caller ${index % 7}`, `called ${index}`));
  const layout = layOutGraph(many);
  expect(layout.nodes.length).toBeLessThanOrEqual(60);
  expect(layout.left).toBe(200 - layout.lines.length);
  expect(new Set(layout.nodes.map(({ x, y }) => `${x} ${y}`)).size).toBe(layout.nodes.length);
  for (const { x, y } of layout.nodes) {
    expect(x).toBeLessThan(layout.widthPx);
    expect(y).toBeLessThan(layout.heightPx);
  }
  expect(layOutGraph([]).nodes).toEqual([]);
});

test('operations are compared side by side, with what is new and what is gone', () => {
  const row = (operation: string, requests: number, kind = 'Server') => ({
    operation,
    kind,
    requests,
    errors: 1,
    p50_ms: 10,
    p95_ms: 20,
    p99_ms: 30,
  });
  const before = { fromMs: 0, toMs: 10_000, operations: [row('a', 100), row('old', 10)] };
  const after = {
    fromMs: 10_000,
    toMs: 20_000,
    operations: [row('a', 50), row('new', 5), row('inside', 9, 'Internal')],
  };
  expect(
    compareOperations(before, after).map(({ operation, before: one, after: other }) => [
      operation,
      one?.perSecond,
      other?.perSecond,
    ]),
  ).toEqual([
    ['a', 10, 5],
    ['new', undefined, 0.5],
    ['old', 1, undefined],
  ]);
});

test('a change is said where it is more than what the sketch may be wrong by', () => {
  expect(sayChange(100, 108)).toBeUndefined();
  expect(sayChange(100, 135)).toEqual({ text: '+35 %', isWorse: true });
  expect(sayChange(100, 50)).toEqual({ text: '−50 %', isWorse: false });
  expect(sayChange(10, 200)).toEqual({ text: '×20', isWorse: true });
  expect(sayChange(0, 1)).toBeUndefined();
  expect([errorsChanged(0, 0.005), errorsChanged(0, 0.2), errorsChanged(0.2, 0)]).toEqual([undefined, 'more', 'fewer']);
});
