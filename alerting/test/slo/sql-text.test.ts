import { expect, test } from 'vitest';
import { matchesAny, quoteText } from '../../src/slo/sql-text.ts';

test('a text as a literal ends where it should, whatever is in it', () => {
  expect(quoteText('shop')).toBe(`'shop'`);
  expect(quoteText(`o'brien \\`)).toBe(`'o\\'brien \\\\'`);
  expect(quoteText(`\\' OR 1 --`)).toBe(`'\\\\\\' OR 1 --'`);
});

test('names are compared as they are, and * is any text', () => {
  expect(matchesAny('Name', ['a'])).toBe(`Name IN ('a')`);
  expect(matchesAny('Name', ['a', "b'"])).toBe(`Name IN ('a', 'b\\'')`);
  expect(matchesAny('Name', ['a*'])).toBe(`Name LIKE 'a%'`);
  expect(matchesAny('Name', ['a', '100%_*'])).toBe(`(Name IN ('a') OR Name LIKE '100\\\\%\\\\_%')`);
});
