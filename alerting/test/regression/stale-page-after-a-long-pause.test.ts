import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Scenario } from '../notify/scenario.ts';

const DOWN = { alertname: 'Down', monitor: 'shop' };
const ROUTE = `  route: { receiver: team, group_wait: 1s, group_interval: 5s }
  receivers: [{ name: team, slack_configs: [{ api_url: http://127.0.0.1/hook }] }]
`;

async function begin(): Promise<Scenario> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-pause-'));
  const scenario = await Scenario.begin(ROUTE, join(folder, 'alerting.sqlite'));
  onTestFinished(async () => {
    await scenario.end();
    rmSync(folder, { recursive: true });
  });
  return scenario;
}

test('an alert that nobody was told of yet, and that is over when alerting comes back hours later, pages nobody', async () => {
  const scenario = await begin();
  scenario.push([DOWN]);
  scenario.nowMs += 3 * 3_600_000;
  scenario.restart();
  expect(await scenario.until('3h5s')).toEqual([]);
  scenario.push([], [DOWN]);
  expect(await scenario.until('3h1m')).toEqual([]);
});

test('one that still fires is told ten seconds later', async () => {
  const scenario = await begin();
  scenario.push([DOWN]);
  scenario.nowMs += 3 * 3_600_000;
  scenario.restart();
  expect(await scenario.until('3h30s')).toMatchObject([{ at: '3h10s', reason: 'first_notification' }]);
});

test('a process that dies again and again holds nothing back for ever', async () => {
  const scenario = await begin();
  scenario.push([DOWN]);
  scenario.nowMs += 3_600_000;
  for (let restarts = 0; restarts < 10 && scenario.arrivals.length === 0; restarts += 1) {
    scenario.restart();
    await scenario.tick();
    scenario.nowMs += 4_000;
  }
  expect(scenario.arrivals).toMatchObject([{ reason: 'first_notification' }]);
});
