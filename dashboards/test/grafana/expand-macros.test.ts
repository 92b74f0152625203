import { expect, test } from 'vitest';
import { expandMacros, type QueryContext } from './expand-macros.ts';

const context: QueryContext = {
  fromMs: 1_700_000_000_000,
  toMs: 1_700_003_600_500,
  intervalMs: 15_000,
  variables: { service: ['shop', "o'neill"], operation: '$__all' },
  options: { operation: ['GET /'] },
};

test('times are whole seconds, or milliseconds where the macro says so', () => {
  expect(expandMacros('$__timeFilter(Timestamp)', context)).toBe(
    'Timestamp >= toDateTime(1700000000) AND Timestamp <= toDateTime(1700003600)',
  );
  expect(expandMacros('$__toTime_ms - $__fromTime', context)).toBe(
    'fromUnixTimestamp64Milli(1700003600500) - toDateTime(1700000000)',
  );
  expect(expandMacros('$__timeInterval(min(Timestamp)) $__interval_s', context)).toBe(
    'toStartOfInterval(toDateTime(min(Timestamp)), INTERVAL 15 second) 15',
  );
});

test('a condition falls away when all is chosen, and stays otherwise', () => {
  const sql = '$__conditionalAll(x IN (${service:singlequote}), $service) AND $__conditionalAll(f(y), $operation)';
  expect(expandMacros(sql, context)).toBe(String.raw`x IN ('shop','o\'neill') AND 1=1`);
});

test('all of a variable without a condition is the list of its options', () => {
  expect(expandMacros('IN (${operation:singlequote})', context)).toBe("IN ('GET /')");
});

test('what nobody expands is an error', () => {
  expect(() => expandMacros('$__mystery(1)', context)).toThrow('left to expand');
  expect(() => expandMacros('${other:singlequote}', context)).toThrow('no such variable');
});

test('a condition on a field to type into falls away while nothing is typed', () => {
  const sql = '$__conditionalAll(x = ${search:singlequote}, $search) AND y = ${search:singlequote}';
  expect(expandMacros(sql, { ...context, variables: { search: [''] } })).toBe("1=1 AND y = ''");
  expect(expandMacros(sql, { ...context, variables: { search: ['a'] } })).toBe("x = 'a' AND y = 'a'");
});
