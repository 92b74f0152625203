import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { COLLECTOR_ERRORS } from '../src/errors.ts';

test('the catalogue of errors and its documentation name the same codes', async () => {
  const text = await readFile(join(import.meta.dirname, '../docs/errors.md'), 'utf8');
  const documented = [...text.matchAll(/^\| `([a-z_]+)`/gm)].map(([, code]) => code);
  expect(documented).toEqual(Object.keys(COLLECTOR_ERRORS));
});
