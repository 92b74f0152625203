import { expect, test } from 'vitest';
import { asList, asNumber, asObject, asText, asTimeMs, maybe } from '../src/alerts/read-answer.ts';
import { parseMatcher, writeMatcher } from '../src/html/matcher.ts';
import { layOut } from '../web/src/pages/oncall/calendar.ts';

test('an answer of alerting is read field by field; what is null is missing, what is wrong makes it none', () => {
  const read = asObject<{ id: string; at: number; count?: number | undefined; names: readonly string[] }>({
    id: asText,
    at: asTimeMs,
    count: maybe(asNumber),
    names: asList(asText),
  });
  const good = { id: 'a', at: '2026-11-25T03:00:00.000Z', count: null, names: ['x'], more: 1 };
  expect(read(good)).toEqual({ id: 'a', at: Date.UTC(2026, 10, 25, 3), names: ['x'] });
  for (const bad of [{ ...good, at: 'soon' }, { ...good, names: [1] }, { ...good, count: '3' }, null, [], 'text'])
    expect(read(bad), JSON.stringify(bad)).toBeUndefined();
});

test.each([
  ['severity="page"', { name: 'severity', value: 'page', isRegex: false, isEqual: true }],
  ['severity=page', { name: 'severity', value: 'page', isRegex: false, isEqual: true }],
  [' a !~ "x|y" ', { name: 'a', value: 'x|y', isRegex: true, isEqual: false }],
  ['a!="say \\"no\\"\\n\\\\"', { name: 'a', value: 'say "no"\n\\', isRegex: false, isEqual: false }],
  ['http.route=~"/.*"', { name: 'http.route', value: '/.*', isRegex: true, isEqual: true }],
  ['a=""', { name: 'a', value: '', isRegex: false, isEqual: true }],
])('%s is a matcher, and is read as it is written', (source, matcher) => {
  expect(parseMatcher(source)).toEqual(matcher);
  expect(parseMatcher(writeMatcher(matcher))).toEqual(matcher);
});

test.each(['', 'severity', '="page"', 'a b="c"', 'a="b" c="d"', 'a="b'])('%s is no matcher', (source) => {
  expect(parseMatcher(source)).toBeUndefined();
});

test('a calendar cuts shifts into days, and a person keeps a colour', () => {
  const start = new Date(2026, 10, 25).getTime();
  const hour = 3_600_000;
  const rows = layOut(
    [
      { user: 'ana', start: start - 5 * hour, end: start + 12 * hour },
      { user: 'ben', start: start + 12 * hour, end: start + 36 * hour, override: 'o1' },
      { user: 'ana', start: start + 36 * hour, end: start + 48 * hour },
    ],
    start,
  );
  expect(rows).toHaveLength(14);
  expect(rows[0]?.spans).toMatchObject([
    { user: 'ana', from: 0, to: 0.5, isOverride: false, colour: 1 },
    { user: 'ben', from: 0.5, to: 1, isOverride: true, colour: 2 },
  ]);
  expect(rows[1]?.spans).toMatchObject([
    { user: 'ben', from: 0, to: 0.5 },
    { user: 'ana', from: 0.5, to: 1, colour: 1 },
  ]);
  expect(rows[2]?.spans).toEqual([]);
});
