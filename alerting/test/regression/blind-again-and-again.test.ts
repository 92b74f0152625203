import { expect, test } from 'vitest';
import { loadShippedGroups } from '../../src/rules/shipped.ts';
import { group, sample, Scenario } from '../rules/scenario.ts';

/* A network that came and went every 45 s made a new page of CheckerBlind each time; it is to be raised once. */
test('a checker whose network comes and goes is told to be blind once, and to see again once', async () => {
  const shipped = (await loadShippedGroups()).flatMap(({ rules }) => rules);
  const rule = shipped.find(({ alert }) => alert === 'CheckerBlind');
  if (!rule) throw new Error('there is a rule CheckerBlind');
  const scenario = new Scenario(':memory:', 15_000);
  scenario.apply(group({ intervalMs: 15_000, rules: [{ ...rule, sql: 'blind' }] }));
  const told: string[] = [];
  for (let second = 0; second < 900; second += 90) {
    scenario.set('blind', sample({ location: 'riga' }));
    told.push(...(await scenario.until(second + 45)));
    scenario.set('blind');
    told.push(...(await scenario.until(second + 90)));
  }
  expect(told.length).toBeGreaterThan(5);
  expect(told.filter((line) => line.startsWith('resolved'))).toEqual([]);
  const ended = await scenario.until(1_200);
  expect(ended.filter((line) => line.startsWith('resolved'))).toHaveLength(1);
  scenario.close();
});
