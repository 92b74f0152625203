import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { REASONS } from '../src/reasons-table.ts';

test('the README lists exactly the reasons there are, with their outcome and meaning', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const rows = [...readme.matchAll(/^\| `(\w+)` +\| (up|down|unknown) +\| (.+?) +\|$/gm)];
  expect(rows.map(([, reason, outcome, meaning]) => [reason, outcome, meaning])).toEqual(
    Object.entries(REASONS).map(([reason, { outcome, meaning }]) => [reason, outcome, meaning]),
  );
});
