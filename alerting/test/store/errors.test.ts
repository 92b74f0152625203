import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { STORE_ERROR_CODES } from '../../src/store/errors.ts';

test('the documentation of the store names exactly the codes that exist', () => {
  const text = readFileSync(new URL('../../src/store/README.md', import.meta.url), 'utf8');
  const documented = [...text.matchAll(/^\| `(TOCSIN_\w+)`/gm)].map((match) => match[1]);
  expect(documented.sort()).toEqual([...STORE_ERROR_CODES].sort());
});
