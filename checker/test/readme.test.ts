import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { FAIL_REASONS, UNKNOWN_REASONS } from '../src/verdict.ts';

test('the README lists exactly the reasons there are, with their outcome', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const rows = [...readme.matchAll(/^\| `(\w+)` +\| (fail|unknown) +\|/gm)].map(([, reason, outcome]) => [
    reason,
    outcome,
  ]);
  expect(rows).toEqual([
    ...FAIL_REASONS.map((reason) => [reason, 'fail']),
    ...UNKNOWN_REASONS.map((reason) => [reason, 'unknown']),
  ]);
});
