import { readdirSync, readFileSync } from 'node:fs';
import { formatDuration } from '@tocsin/service/config';
import { expect, test } from 'vitest';
import { clickHouseUnreachable, ruleFailing, ruleWithoutData, schemaMissing } from '../../src/rules/builtin.ts';
import { compileRule, type Rule } from '../../src/rules/rule.ts';
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

const RUNBOOKS = new URL('../../../docs/runbooks/', import.meta.url);
const SECTIONS = ['What it means', 'What to look at', 'What to do', 'How to know that it is over'];

test('every rule that comes with Tocsin has a runbook to which its alerts lead, every runbook a rule, and the index all of them', async () => {
  const groups = await loadShippedGroups();
  const each = groups.flatMap((group) => group.rules.map((rule) => ({ group, rule })));
  const shown = { labels: {}, annotations: {}, value: 1, nowMs: 0, externalUrl: 'https://console.example' };
  const urlOf = ({ annotations }: Pick<Rule, 'annotations'>): string | undefined =>
    annotations.find(([name]) => name === 'runbook_url')?.[1].expand(shown);
  const builtin = [ruleFailing('', ''), clickHouseUnreachable, schemaMissing];
  const withoutData = each.slice(0, 1).map(({ rule, group }) => ruleWithoutData(rule, group));
  const rules = [...each.map(({ rule, group }) => compileRule(rule, group)), ...builtin, ...withoutData];
  for (const one of rules) expect(urlOf(one)).toBe(`https://console.example/runbooks/${one.identity.name}`);

  const names = rules.map(({ identity }) => identity.name).toSorted();
  const files = readdirSync(RUNBOOKS).filter((file) => file !== 'README.md');
  expect(files.map((file) => file.replace(/\.md$/, '')).toSorted()).toEqual(names);
  for (const file of files) {
    const text = readFileSync(new URL(file, RUNBOOKS), 'utf8');
    expect(text.startsWith(`# ${file.replace(/\.md$/, '')}\n`)).toBe(true);
    expect([...text.matchAll(/^## (.+)\n\n./gm)].map(([, title]) => title)).toEqual(SECTIONS);
  }
  const index = readFileSync(new URL('README.md', RUNBOOKS), 'utf8');
  expect([...index.matchAll(/^- \[(\w+)\]\(\1\.md\)$/gm)].map(([, name = '']) => name).toSorted()).toEqual(names);
});
