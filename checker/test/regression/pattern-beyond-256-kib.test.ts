import { expect, test } from 'vitest';
import { extractByPattern, findsPattern } from '../../src/expect/pattern.ts';

test('a pattern is found at the end of a body as long as one is read by default', () => {
  const text = `${'x'.repeat(2 ** 20 - 6)} READY`;
  expect(findsPattern('READY', text)).toBe(true);
  expect(extractByPattern('(REA)DY', text)).toBe('REA');
});
