import { expect, test } from 'vitest';
import { writeRequest } from '../src/api/call-api.ts';
import { matchPath } from '../src/shell/match-path.ts';
import { changeQuery, withKept } from '../src/state/url.ts';

const query = (text: string): URLSearchParams => new URLSearchParams(text);

test('a link keeps the time and the refresh of its page, unless it says a time itself', () => {
  const current = query('range=6h&refresh=1m&q=shop');
  expect(withKept('/trace/ab', current)).toBe('/trace/ab?range=6h&refresh=1m');
  expect(withKept('/traces?q=x&range=5m', current)).toBe('/traces?q=x&range=5m&refresh=1m');
  expect(withKept('/traces?from=1&to=2', current)).toBe('/traces?from=1&to=2&refresh=1m');
  expect(withKept('/trace/ab#span', query(''))).toBe('/trace/ab#span');
});

test('parameters are changed, taken away and repeated, the others stay', () => {
  expect(changeQuery(query('a=1&b=2'), { a: '3', b: undefined, c: ['x', 'y'] }).toString()).toBe('a=3&c=x&c=y');
  expect(changeQuery(query('a=1'), { a: '' }).toString()).toBe('');
});

test('a path is of a pattern where its segments are, and parameters are decoded', () => {
  expect(matchPath('/', '/')).toEqual({});
  expect(matchPath('/monitor/:name', '/monitor/checkout%20of%2Fshop')).toEqual({ name: 'checkout of/shop' });
  expect(matchPath('/monitor/:name', '/monitor/shop/')).toEqual({ name: 'shop' });
  for (const path of ['/monitor', '/monitor/', '/monitor/a/b', '/trace/a', '/monitor/%']) {
    expect(matchPath('/monitor/:name', path), path).toBeUndefined();
  }
});

test('the input of an endpoint goes into its path, its query or its body', () => {
  expect(
    writeRequest('GET /api/v1/monitors/:name', { name: 'a/b', from: 1, tags: ['x', 'y'], limit: undefined }),
  ).toEqual({
    method: 'GET',
    url: '/api/v1/monitors/a%2Fb?from=1&tags=x&tags=y',
    body: undefined,
  });
  expect(writeRequest('POST /api/v1/incidents/:id/notes', { id: '7', text: 'disk' })).toEqual({
    method: 'POST',
    url: '/api/v1/incidents/7/notes',
    body: '{"text":"disk"}',
  });
});
