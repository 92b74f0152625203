import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Scenario, START_MS } from '../notify/scenario.ts';
import { config, DOWN, incidentOf, kinds, shown, timeline, USUAL } from './desk-scenario.ts';

let folder: string;
let scenario: Scenario;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-oncall-'));
});
afterEach(async () => {
  await scenario.end();
  rmSync(folder, { recursive: true });
});
const begin = async (text = USUAL): Promise<Scenario> =>
  (scenario = await Scenario.begin(text, join(folder, 'alerting.sqlite')));
const run = (sql: string): void => void scenario.database.prepare(sql).run();
const damage = (sql: string): void => {
  scenario.database.prepare('PRAGMA ignore_check_constraints = ON').run();
  run(sql);
  scenario.database.prepare('PRAGMA ignore_check_constraints = OFF').run();
};

describe('a restart', () => {
  test('after every second changes nothing of what is told and when', async () => {
    const play = async (isRestarted: boolean): Promise<string[]> => {
      const path = join(folder, `${isRestarted}.sqlite`);
      scenario = await Scenario.begin(USUAL, path);
      const let1 = async (seconds: number): Promise<void> => {
        for (let second = 0; second < seconds; second += 1) {
          await scenario.until(`${(scenario.nowMs - START_MS) / 1_000 + 1}s`);
          if (isRestarted) scenario.restart();
        }
      };
      scenario.push([DOWN]);
      await let1(330);
      scenario.notifier.oncall.desk.acknowledge('i1', 'ana', scenario.nowMs);
      await let1(60);
      scenario.notifier.oncall.desk.unacknowledge('i1', 'ana', scenario.nowMs);
      await let1(30);
      scenario.push([], [DOWN]);
      await let1(70);
      const lines = [...shown(scenario.arrivals), ...kinds(scenario)];
      if (isRestarted) return lines;
      await scenario.end();
      return lines;
    };
    const plain = await play(false);
    expect(plain.length).toBeGreaterThan(9);
    expect(await play(true)).toEqual(plain);
  });

  test('takes up an acknowledgement where it was', async () => {
    await begin();
    scenario.push([DOWN]);
    await scenario.until('10m');
    scenario.notifier.oncall.desk.acknowledge('i1', 'ana', scenario.nowMs);
    scenario.restart();
    await scenario.until('1h9m', 10_000);
    expect(incidentOf(scenario).status).toBe('acknowledged');
    expect(shown(await scenario.until('1h11m'))).toEqual(['1h10m ana-phone [FIRING:1] Down (shop)']);
  });

  test('after a long absence lets the rules speak first', async () => {
    await begin();
    scenario.push([DOWN]);
    await scenario.until('2m');
    scenario.nowMs += 3 * 3_600_000;
    scenario.restart();
    scenario.push([], [DOWN]);
    expect(shown(await scenario.until('3h4m'))).toEqual(['3h2m10s ana-phone [RESOLVED] Down (shop)']);
  });
});

describe('a clock that is set back', () => {
  test('holds no step up for longer than its wait', async () => {
    await begin();
    scenario.push([DOWN]);
    await scenario.until('2m');
    scenario.nowMs -= 86_400_000;
    for (let second = 0; second < 960; second += 1, scenario.nowMs += 1_000) await scenario.tick();
    expect(scenario.arrivals.map(({ to }) => to)).toContain('ben-mail/slack/0');
  });
});

describe('a reload', () => {
  const without = (text: string, pattern: RegExp): string => text.replace(pattern, '');

  test('that shortens the waits counts for what is planned', async () => {
    await begin(USUAL.replace('wait: 5m', 'wait: 10h'));
    scenario.push([DOWN]);
    await scenario.until('1m');
    await scenario.reload(
      USUAL.replace('wait: 5m', 'wait: 2m')
        .replace('again_after: 1h', 'again_after: 2m')
        .replace('wait: 10m', 'wait: 2m'),
    );
    expect(shown(await scenario.until('4m'))).toEqual(['3m ben-mail [FIRING:1] Down (shop)']);
  });

  test('that removes a step goes on with those that are there', async () => {
    await begin();
    scenario.push([DOWN]);
    await scenario.until('1m');
    await scenario.reload(config('[{ notify: [{ receiver: chat }], wait: 5m }]'));
    expect(shown(await scenario.until('6m'))).toEqual(['5m1s chat [FIRING:1] Down (shop)']);
  });

  test('that removes somebody tells the others, and the end to whoever was told and is still there', async () => {
    await begin();
    scenario.push([DOWN]);
    await scenario.until('6m');
    const alone = config('[{ notify: [{ user: ben }], wait: 5m }]')
      .replace(/ {4}- \{ name: ana, .*\n/, '')
      .replace(/ {4}- \{ name: nights, .*\n/, '')
      .replace('[ana, ben]', '[ben]');
    await scenario.reload(alone);
    scenario.push([], [DOWN]);
    expect(shown(await scenario.until('8m')).map((line) => line.split(' ')[1])).toEqual(['ana-phone', 'ben-mail']);
    scenario.push([DOWN]);
    await scenario.until('10m');
    expect(incidentOf(scenario).status).toBe('active');
  });

  test('that takes the escalation from the receiver tells those who were told that nobody looks any more', async () => {
    await begin();
    scenario.push([DOWN]);
    await scenario.until('2m');
    await scenario.reload(without(USUAL, /, escalation: default/));
    expect(shown(await scenario.until('4m'))).toEqual(['2m1s ana-phone [NOT FOLLOWED] Down (shop)']);
    expect(timeline(scenario).at(-1)).toBe(
      'not_followed: Not followed any longer: the receiver oncall leads to no escalation.',
    );
  });

  test('that moves the alerts to another group ends the incident aloud, and begins another one', async () => {
    await begin();
    scenario.push([DOWN]);
    await scenario.until('2m');
    await scenario.reload(USUAL.replace('group_by: [alertname]', 'group_by: [monitor]'));
    expect(shown(await scenario.until('4m'))).toEqual([
      '2m ana-phone [NOT FOLLOWED] Down (shop)',
      '2m ana-phone [FIRING:1] Down (shop)',
    ]);
    expect(kinds(scenario)).not.toContain('repaired');
    expect(incidentOf(scenario, 'i2').status).toBe('active');
  });

  test('that gives the receiver an escalation makes incidents of what fires already', async () => {
    await begin(without(USUAL, /, escalation: default/));
    scenario.push([DOWN]);
    await scenario.until('90s');
    await scenario.reload(USUAL);
    expect(shown(await scenario.until('91s'))).toEqual(['1m30s ana-phone [FIRING:1] Down (shop)']);
    expect(kinds(scenario)).toEqual(['fired', 'asked']);
  });
});

describe('the audit', () => {
  test('gives an incident without a next step one, aloud', async () => {
    await begin();
    scenario.push([DOWN]);
    await scenario.until('2m');
    damage('UPDATE incidents SET next_step_at_ms = NULL, wake_at_ms = NULL');
    expect(shown(await scenario.until('4m'))).toHaveLength(1);
    expect(timeline(scenario)).toContain('repaired: It had no next step, or one that was not taken.');
    expect(incidentOf(scenario).nextStepAtMs).toBeGreaterThan(scenario.nowMs);
  });

  test('finds a step that nothing would take', async () => {
    await begin(USUAL.replace('group_interval: 1m', 'group_interval: 1h'));
    scenario.push([DOWN]);
    await scenario.until('2m');
    run('UPDATE incidents SET wake_at_ms = NULL');
    expect(shown(await scenario.until('10m'))).toEqual(['5m1s ben-mail [FIRING:1] Down (shop)']);
    expect(kinds(scenario)).toContain('repaired');
  });

  test('makes an incident of a group that fires without one', async () => {
    await begin(USUAL.replace('group_interval: 1m', 'group_interval: 1h'));
    scenario.push([DOWN]);
    await scenario.until('90s');
    run('DELETE FROM incidents');
    expect(shown(await scenario.until('3m'))).toEqual(['2m1s ana-phone [FIRING:1] Down (shop)']);
    expect(scenario.notifier.oncall.lastAudit()).toMatchObject({ found: 0 });
  });

  test('ends an incident whose group is gone', async () => {
    await begin();
    scenario.push([DOWN]);
    await scenario.until('90s');
    run('DELETE FROM alerts');
    run('DELETE FROM alert_groups');
    expect(shown(await scenario.until('4m'))).toEqual(['2m ana-phone [RESOLVED] Down (shop)']);
    expect(kinds(scenario).slice(-2)).toEqual(['repaired', 'resolved']);
  });

  test('leaves alone what is muted, acknowledged, or as it should be', async () => {
    await begin();
    scenario.push([DOWN]);
    await scenario.until('90s');
    scenario.silence(['monitor="shop"'], '30m');
    await scenario.until('30m');
    expect(kinds(scenario)).toEqual(['fired', 'asked', 'muted']);
  });
});

test('one incident whose step fails holds up no other', async () => {
  await begin();
  scenario.push([DOWN, { ...DOWN, alertname: 'Slow' }]);
  await scenario.until('2s');
  run(`UPDATE incidents SET deferred = '{' WHERE id = 'i1'`);
  expect(shown(await scenario.until('6m')).map((line) => line.split(' ').slice(1).join(' '))).toEqual([
    'ben-mail [FIRING:1] Slow (shop)',
  ]);
  run(`UPDATE incidents SET deferred = '[]'`);
  expect(shown(await scenario.until('7m')).map((line) => line.split(' ').slice(1).join(' '))).toEqual([
    'ben-mail [FIRING:1] Down (shop)',
  ]);
});
