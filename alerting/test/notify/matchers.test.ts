import { loadRe2 } from '@tocsin/service/late-libraries';
import { describe, expect, test } from 'vitest';
import { acceptedBy, compileMatcher } from '../../src/notify/matchers.ts';

const PATTERNS = [
  'a',
  'a|b',
  '(a|bb)',
  '(?:a|)',
  'host-1\\.example\\.com',
  'host-1\\..*',
  '.*',
  '.+',
  '.*ex.*',
  '.*com',
  'host.*',
  'hosts?',
  'hos*t',
  'a{2}',
  'h|host.*',
  '(?i)HOST.*',
  'ab\\.?c',
  'a\\|b',
  '\\d+',
  '^a$',
  '[ab]+',
  '🙂?',
  'x🙂*',
  '',
];
const VALUES = [
  '',
  'a',
  'b',
  'bb',
  'aa',
  'a|b',
  'host',
  'hos',
  'hot',
  'ho',
  'h',
  'host-1.example.com',
  'host-1xexample',
  'HOST',
];
const MORE = ['ab.c', 'abc', 'ab', '12', 'x', 'x🙂', '🙂', 'a\nb', 'host\n', 'ex\ncom', '\n'];

describe('a pattern', () => {
  test.each(PATTERNS)('matches as RE2 does, and tells truly how its values are or begin: %s', (pattern) => {
    const reference = loadRe2().RE2JS.compile(pattern);
    const matcher = { name: 'l', op: '=~', value: pattern } as const;
    const accepted = acceptedBy(matcher);
    for (const value of [...VALUES, ...MORE]) {
      const expected = reference.matches(value);
      expect([value, compileMatcher(matcher)({ l: value })]).toEqual([value, expected]);
      expect([value, compileMatcher({ ...matcher, op: '!~' })({ l: value })]).toEqual([value, !expected]);
      if (!expected || !accepted) continue;
      const fits = accepted.kind === 'values' ? accepted.texts.includes(value) : value.startsWith(accepted.texts[0]);
      expect([value, fits]).toEqual([value, true]);
    }
  });

  test.each([
    ['a|b', { kind: 'values', texts: ['a', 'b'] }],
    ['host-1\\..*', { kind: 'prefix', texts: ['host-1.'] }],
    ['hosts?x', { kind: 'prefix', texts: ['host'] }],
    ['.*a', undefined],
    ['h|host.*', undefined],
    ['(?i)host.*', undefined],
  ])('%s accepts %o', (value, expected) => {
    expect(acceptedBy({ name: 'l', op: '=~', value })).toEqual(expected);
  });
});

test('a label that every object has by nature is absent all the same', () => {
  expect(compileMatcher({ name: 'constructor', op: '=', value: '' })({})).toBe(true);
});
