import { expect, test } from 'vitest';
import type { ServiceEdgesRow } from '../../src/queries/service-edges.ts';
import { graphOf, viewGraph } from '../../src/services/service-graph.ts';

const row = (changes: Partial<ServiceEdgesRow>): ServiceEdgesRow => ({
  service: 'web',
  peer_type: 'address',
  peer: 'store.example:443',
  peer_service: '',
  requests: 10,
  errors: 1,
  mean_ms: 20,
  ...changes,
});

test('an address behind which a service answers is that service, and its ways are one edge', () => {
  const { edges } = viewGraph([
    row({ peer_service: 'store' }),
    row({ peer: '10.0.0.7:443', peer_service: 'store', requests: 30, errors: 0, mean_ms: 40 }),
    row({ peer_type: 'service', peer: 'payment', requests: 1 }),
    row({ peer_type: 'database', peer: 'postgresql/shop', requests: 5 }),
    row({ peer: 'elsewhere:80', requests: 2 }),
  ]);
  expect(edges.map(({ to, toKind, requests, errors, meanMs }) => [to, toKind, requests, errors, meanMs])).toEqual([
    ['store', 'service', 40, 1, 35],
    ['postgresql/shop', 'database', 5, 1, 20],
    ['elsewhere:80', 'address', 2, 1, 20],
    ['payment', 'service', 1, 1, 20],
  ]);
});

test('a call that names nobody is no edge, and a service without a name has one for people', () => {
  expect(viewGraph([row({ peer: '' })]).edges).toEqual([]);
  expect(viewGraph([row({ service: '' })]).edges[0]?.from).toBe('(no service.name)');
});

test('of one service only its own calls and its callers are there', () => {
  const graph = viewGraph([
    row({ peer_service: 'store' }),
    row({ service: 'store', peer_type: 'database', peer: 'store' }),
    row({ service: 'other', peer_type: 'database', peer: 'store' }),
  ]);
  expect(graphOf(graph, 'store').edges.map(({ from }) => from)).toEqual(['web', 'store']);
});
