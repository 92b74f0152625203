import { expect, test } from 'vitest';
import { withoutHaving } from '../../src/rules/chart/unfiltered.ts';

test.each([
  [
    'SELECT a, sum(b) AS value FROM t GROUP BY a HAVING value > 1.5',
    'SELECT a, sum(b) AS value FROM t GROUP BY a',
    1.5,
  ],
  [
    'SELECT 1 AS value FROM t having value >= -2e3 ORDER BY a LIMIT 3',
    'SELECT 1 AS value FROM t ORDER BY a LIMIT 3',
    -2000,
  ],
  ['SELECT 1 FROM t HAVING value > 1 AND n > 20;', 'SELECT 1 FROM t ;', undefined],
  ["SELECT 'HAVING' AS x FROM t HAVING count() > 0", "SELECT 'HAVING' AS x FROM t", undefined],
  ['SELECT 1 FROM (SELECT 2 HAVING 1) -- HAVING\nHAVING value < 5', 'SELECT 1 FROM (SELECT 2 HAVING 1) -- HAVING', 5],
])('%s', (sql, expected, threshold) => {
  const open = withoutHaving(sql);
  expect(open?.sql.replace(/\s+/g, ' ').trim()).toBe(expected.replace(/\s+/g, ' '));
  expect(open?.threshold).toBe(threshold);
});

test.each([
  'SELECT 1 FROM t WHERE a > 1',
  'SELECT 1 FROM (SELECT 2 GROUP BY a HAVING b > 1)',
  'SELECT 1 HAVING value > 1 UNION ALL SELECT 2 HAVING value > 2',
  "SELECT '\\' HAVING value > 1' AS x",
  'SELECT 1 /* HAVING value > 1 */',
])('%s has none that can be left out', (sql) => {
  expect(withoutHaving(sql)).toBeUndefined();
});
