import { afterEach, describe, expect, test } from 'vitest';
import { createOverrides } from '../../src/oncall/overrides.ts';
import { createRota } from '../../src/oncall/rota.ts';
import { openDatabase } from '../../src/store/database.ts';
import { readConfig, Scenario, START_MS } from '../notify/scenario.ts';
import { config, DOWN, incidentOf, kinds, shown, USUAL } from './desk-scenario.ts';

const DAY_MS = 86_400_000;
/** The group is looked at every five minutes, the steps are a minute apart. */
const SELDOM = USUAL.replace('group_interval: 1m', 'group_interval: 5m').replace('wait: 5m', 'wait: 1m');

let scenario: Scenario | undefined;
afterEach(async () => {
  await scenario?.end();
  scenario = undefined;
});

describe('between two looks at the group nobody is asked', () => {
  test('about alerts that are over', async () => {
    scenario = await Scenario.begin(SELDOM);
    scenario.push([DOWN]);
    await scenario.until('10s');
    scenario.push([], [DOWN]);
    expect(shown(await scenario.until('6m'))).toEqual(['5m1s ana-phone [RESOLVED] Down (shop)']);
  });

  test('about alerts that are over when an acknowledgement ends', async () => {
    scenario = await Scenario.begin(`${SELDOM}  acknowledge_timeout: 30s\n`);
    scenario.push([DOWN]);
    await scenario.until('3s');
    scenario.notifier.oncall.desk.acknowledge('i1', 'ana', scenario.nowMs);
    scenario.push([], [DOWN]);
    expect(shown(await scenario.until('5m'))).toEqual([]);
    expect(kinds(scenario)).toEqual(['fired', 'asked', 'acknowledged']);
  });

  test('about alerts that were silenced', async () => {
    scenario = await Scenario.begin(SELDOM);
    scenario.push([DOWN]);
    await scenario.until('10s');
    scenario.silence(['alertname="Down"'], '2h');
    expect(shown(await scenario.until('30m'))).toEqual([]);
    expect(incidentOf(scenario).status).toBe('muted');
  });

  test('but is soon when the alerts come back before the next look', async () => {
    scenario = await Scenario.begin(SELDOM);
    scenario.push([DOWN]);
    await scenario.until('10s');
    scenario.push([], [DOWN]);
    await scenario.until('2m');
    scenario.push([DOWN]);
    expect(shown(await scenario.until('3m'))).toEqual([expect.stringMatching(/^2m\d+s ben-mail \[FIRING:1\]/)]);
  });
});

test('an end that a channel has not heard of is owed to it when the incident comes back by another channel', async () => {
  const ticket = { alertname: 'Slow', monitor: 'shop', severity: 'ticket' };
  const page = { alertname: 'Slow', monitor: 'api', severity: 'page' };
  const steps = '[{ notify: [{ user: ana }], wait: 30m }]';
  scenario = await Scenario.begin(config(steps).replace(/, quiet_hours: \{[^}]*\}/, ''));
  scenario.push([ticket]);
  expect(shown(await scenario.until('2s'))).toEqual(['1s ana-mail [FIRING:1] Slow (shop)']);
  scenario.answers.set('ana-mail/slack/0', () => ({ status: 'retryable', reason: 'timeout', detail: 'down' }));
  scenario.push([], [ticket]);
  await scenario.until('2m');
  scenario.push([page]);
  expect(shown(await scenario.until('4m'))).toEqual(['2m1s ana-phone [FIRING:1] Slow (api)']);
  scenario.push([], [page]);
  await scenario.until('6m');
  scenario.answers.clear();
  const mails = shown(await scenario.until('10m')).filter((line) => line.includes('ana-mail'));
  expect(mails).toEqual([expect.stringContaining('[RESOLVED] Slow')]);
});

test('an override that began long ago is in the calendar', async () => {
  const { oncall } = await readConfig(`alerting:\n${USUAL}`);
  const database = openDatabase(':memory:');
  const overrides = createOverrides(database);
  overrides.apply(oncall);
  const rota = createRota(overrides);
  rota.apply(oncall);
  const startMs = START_MS - 60 * DAY_MS;
  const wanted = { schedule: 'primary', user: 'ben', startMs, endMs: START_MS + 60 * DAY_MS };
  overrides.create(wanted, 'ana', startMs);
  const calendars = [START_MS, START_MS + DAY_MS].map((nowMs) => rota.userCalendar('ben', nowMs) ?? '');
  database.close();
  const uids = calendars.map((text) => /UID:(\S+)(?:(?!END:VEVENT)[^])*CATEGORIES:OVERRIDE/.exec(text)?.[1]);
  expect(uids[0]).toBeDefined();
  expect(uids[1]).toBe(uids[0]);
});
