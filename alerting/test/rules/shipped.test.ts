import { readFileSync } from 'node:fs';
import { formatDuration } from '@tocsin/service/config';
import { expect, test } from 'vitest';
import { clickHouseUnreachable, ruleFailing, schemaMissing } from '../../src/rules/builtin.ts';
import { loadShippedGroups } from '../../src/rules/shipped.ts';

test('the documentation of the shipped rules has exactly the rules, their severity, interval and `for`', async () => {
  const text = readFileSync(new URL('../../rules/README.md', import.meta.url), 'utf8');
  const documented = [...text.matchAll(/^\| `(\w+)` *\| (\w+) *\| ([^|]+?) *\|.*\| ([^|]+?) *\|$/gm)];
  const short = (durationMs: number) => formatDuration(durationMs).replace('m', ' min').replace('s', ' s');
  const shipped = (await loadShippedGroups()).flatMap(({ rules, intervalMs }) =>
    rules.map(({ alert, labels, forMs }) => [
      alert,
      labels['severity'],
      short(intervalMs),
      forMs === 0 ? 'at once' : short(forMs),
    ]),
  );
  const builtin = [ruleFailing('', ''), clickHouseUnreachable, schemaMissing].map(({ identity, forMs }) => {
    const { severity } = JSON.parse(identity.labels) as { severity: string };
    return [identity.name, severity, '–', short(forMs)];
  });
  expect(documented.map((row) => row.slice(1))).toEqual([...shipped, ...builtin]);
});
