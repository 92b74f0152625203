import { afterEach, describe, expect, test } from 'vitest';
import { Scenario } from '../notify/scenario.ts';
import { config, DOWN, DOWN_TOO, incidentOf, kinds, shown, SLOW, timeline, USUAL } from './desk-scenario.ts';

let scenario: Scenario;
afterEach(() => scenario.end());

const begin = async (text = USUAL): Promise<Scenario> => (scenario = await Scenario.begin(text));
const ack = (id = 'i1', actor = 'ben') => scenario.notifier.oncall.desk.acknowledge(id, actor, scenario.nowMs);

describe('an incident', () => {
  test('opens when a group fires at a receiver with an escalation, and its first step is taken at once', async () => {
    await begin();
    scenario.push([DOWN]);
    expect(shown(await scenario.until('2s'))).toEqual(['1s ana-phone [FIRING:1] Down (shop)']);
    expect(incidentOf(scenario)).toMatchObject({ status: 'active', severity: 'page', receiver: 'oncall' });
    expect(timeline(scenario)).toEqual([
      'fired: 1 alert: Down (shop)',
      'asked: step 1 of 2: ana (on call for primary) by ana-phone (slack).',
    ]);
  });

  test('says in its messages who was asked, which step it is, and its id', async () => {
    await begin();
    scenario.push([DOWN]);
    await scenario.until('2s');
    expect(scenario.notifications[0]).toMatchObject({
      reason: 'escalation',
      groupKey: 'incident/i1/user:ana',
      escalation: { incidentId: 'i1', note: 'Incident i1, step 1 of 2: asked ana (on call for primary).' },
    });
  });

  test('takes in alerts that join, and tells nobody anew for them', async () => {
    await begin();
    scenario.push([DOWN]);
    await scenario.until('2s');
    scenario.push([DOWN, DOWN_TOO]);
    expect(shown(await scenario.until('2m'))).toEqual([]);
    expect(kinds(scenario)).toEqual(['fired', 'asked', 'joined']);
    expect(shown(await scenario.until('6m'))).toEqual(['5m1s ben-mail [FIRING:2] Down']);
    scenario.push([DOWN], [DOWN_TOO]);
    await scenario.until('8m');
    expect(timeline(scenario).at(-1)).toBe('partly_resolved: 1 alert: Down (api)');
  });

  test('of which nobody was told ends without a word', async () => {
    await begin(config("[{ notify: [{ user: ben }], hours: [{ from: '20:00', to: '21:00' }] }]"));
    scenario.push([DOWN]);
    await scenario.until('2m');
    scenario.push([], [DOWN]);
    expect(shown(await scenario.until('1h'))).toEqual([]);
    expect(incidentOf(scenario).status).toBe('resolved');
  });

  test('ends when all its alerts are over, and whoever was told hears of it, nobody else', async () => {
    await begin();
    scenario.push([DOWN, DOWN_TOO]);
    await scenario.until('2s');
    scenario.push([], [DOWN, DOWN_TOO]);
    expect(shown(await scenario.until('2h', 10_000))).toEqual(['1m2s ana-phone [RESOLVED] Down']);
    expect(kinds(scenario)).toEqual(['fired', 'asked', 'resolved']);
    expect(scenario.notifications.at(-1)).toMatchObject({ resolvedCount: 2, firingCount: 0 });
  });

  test('is the same one when trouble comes back soon, from its first step; later it is another', async () => {
    await begin();
    scenario.push([DOWN]);
    await scenario.until('6m');
    scenario.push([], [DOWN]);
    await scenario.until('8m');
    scenario.push([DOWN]);
    expect(shown(await scenario.until('9m'))).toEqual(['8m1s ana-phone [FIRING:1] Down (shop)']);
    expect(kinds(scenario)).toEqual(['fired', 'asked', 'asked', 'resolved', 'reopened', 'asked']);
    scenario.push([], [DOWN]);
    expect(shown(await scenario.until('20m'))).toEqual(['9m1s ana-phone [RESOLVED] Down (shop)']);
    scenario.push([DOWN]);
    await scenario.until('21m');
    expect(incidentOf(scenario, 'i2').status).toBe('active');
  });

  test('that comes back and ends again is told to those who were told anew, and to no others', async () => {
    await begin();
    scenario.push([DOWN]);
    await scenario.until('6m');
    scenario.push([], [DOWN]);
    await scenario.until('8m');
    scenario.push([DOWN]);
    await scenario.until('9m');
    scenario.push([], [DOWN]);
    expect(shown(await scenario.until('12m'))).toEqual(['9m1s ana-phone [RESOLVED] Down (shop)']);
  });

  test('tells its end to no channel that does not want to hear of ends', async () => {
    await begin(
      USUAL.replace('name: ana-phone, slack_configs: [{', 'name: ana-phone, slack_configs: [{ send_resolved: false,'),
    );
    scenario.push([DOWN]);
    await scenario.until('6m');
    scenario.push([], [DOWN]);
    expect(shown(await scenario.until('8m'))).toEqual(['6m1s ben-mail [RESOLVED] Down (shop)']);
    expect(incidentOf(scenario).told.map(({ believes }) => believes)).toEqual([false, false]);
  });

  test('belongs to its group', async () => {
    await begin();
    scenario.push([DOWN, { ...SLOW, severity: 'page' }]);
    await scenario.until('2s');
    expect(scenario.notifier.oncall.incidents.open().map(({ groupLabels }) => groupLabels)).toEqual([
      { alertname: 'Down' },
      { alertname: 'Slow' },
    ]);
  });

  test('keeps its messages in one thread for each channel', async () => {
    await begin(config('[{ notify: [{ user: ben }], wait: 5m }]'));
    scenario.push([DOWN]);
    await scenario.until('7m');
    scenario.push([], [DOWN]);
    await scenario.until('10m');
    const threads = scenario.notifications.map(({ threadId }) => threadId);
    expect(threads).toHaveLength(3);
    expect(new Set(threads).size).toBe(1);
  });
});

describe('steps', () => {
  test('follow one another after their waits, in rounds, and then again after a long pause, for ever', async () => {
    await begin();
    scenario.push([DOWN]);
    expect(shown(await scenario.until('4h', 1_000)).map((line) => line.replace(' [FIRING:1] Down (shop)', ''))).toEqual(
      [
        '1s ana-phone',
        '5m1s ben-mail',
        '15m1s ana-phone',
        '20m1s ben-mail',
        '1h20m1s ana-phone',
        '1h25m1s ben-mail',
        '2h25m1s ana-phone',
        '2h30m1s ben-mail',
        '3h30m1s ana-phone',
        '3h35m1s ben-mail',
      ],
    );
    expect(timeline(scenario)).toContain('asked: step 1 of 2, time 2: ana (on call for primary) by ana-phone (slack).');
  });

  test('that are not for the severity, or not for the time, are passed over at once', async () => {
    await begin(
      config(`
        - { notify: [{ receiver: chat }], severity: [ticket] }
        - { notify: [{ user: ana }], hours: [{ days: [saturday], from: '00:00', to: '00:00' }] }
        - { notify: [{ user: ben }], severity: [page, critical] }`),
    );
    scenario.push([DOWN]);
    expect(shown(await scenario.until('2s'))).toEqual(['1s ben-mail [FIRING:1] Down (shop)']);
    expect(timeline(scenario).slice(1, 3)).toEqual([
      'passed_over: step 1 of 3: not for the severity page.',
      'passed_over: step 2 of 3: not at this time.',
    ]);
  });

  test('at a schedule without anybody say so and go straight on', async () => {
    await begin(config('[{ notify: [{ schedule: nights }] }, { notify: [{ user: ben }] }]'));
    scenario.push([DOWN]);
    expect(shown(await scenario.until('2s'))).toEqual(['1s ben-mail [FIRING:1] Down (shop)']);
    expect(kinds(scenario)).toEqual(['fired', 'nobody_on_call', 'asked']);
  });

  test('for somebody without a channel say so and go straight on', async () => {
    await begin(config('[{ notify: [{ user: mute }] }, { notify: [{ user: ben }] }]'));
    scenario.push([DOWN]);
    expect(shown(await scenario.until('2s'))).toEqual(['1s ben-mail [FIRING:1] Down (shop)']);
    expect(timeline(scenario)[1]).toBe('unreachable: step 1 of 2: mute has no channel.');
  });

  test('ask an override’s person in the place of the schedule’s', async () => {
    await begin();
    const { overrides } = scenario.notifier.oncall;
    const times = { startMs: scenario.nowMs, endMs: scenario.nowMs + 3_600_000 };
    overrides.create({ schedule: 'primary', user: 'ben', ...times }, 'ana', scenario.nowMs);
    scenario.push([DOWN]);
    expect(shown(await scenario.until('2s'))).toEqual(['1s ben-mail [FIRING:1] Down (shop)']);
  });

  test('tell everybody they name, each once, and receivers by their channels', async () => {
    await begin(config('[{ notify: [{ schedule: primary }, { user: ana }, { receiver: chat }] }]'));
    scenario.push([DOWN]);
    expect(shown(await scenario.until('2s')).map((line) => line.split(' ')[1])).toEqual(['ana-phone', 'chat']);
    expect(scenario.notifications[0]?.escalation?.note).toBe(
      'Incident i1, step 1 of 1: asked ana (on call for primary) and the receiver chat.',
    );
  });

  test('that reach nobody at all are tried again every minute, said once', async () => {
    await begin(config("[{ notify: [{ user: ben }], hours: [{ from: '10:30', to: '12:00' }] }]"));
    scenario.push([DOWN]);
    expect(shown(await scenario.until('40m'))).toEqual([
      '30m1s ben-mail [FIRING:1] Down (shop)',
      '35m1s ben-mail [FIRING:1] Down (shop)',
    ]);
    expect(kinds(scenario).slice(0, 4)).toEqual(['fired', 'passed_over', 'nobody_told', 'asked']);
  });
});

describe('urgency', () => {
  const quiet = config('[{ notify: [{ user: ana }], wait: 2h }, { notify: [{ user: ben }], wait: 5m }]');

  test('chooses the contacts, and quiet hours do not count for it', async () => {
    await begin(quiet);
    scenario.push([DOWN]);
    expect(shown(await scenario.until('2s'))).toEqual(['1s ana-phone [FIRING:1] Down (shop)']);
  });

  test('is missing from tickets: they wait for the end of quiet hours, for that person only', async () => {
    await begin(config('[{ notify: [{ user: ana }, { user: ben }], wait: 3h }]'));
    scenario.push([SLOW]);
    expect(shown(await scenario.until('2s'))).toEqual(['1s ben-mail [FIRING:1] Slow (shop)']);
    expect(timeline(scenario)).toContain('deferred: step 1 of 1: ana has quiet hours until 2026-11-20T11:30:00.000Z.');
    expect(shown(await scenario.until('2h'))).toEqual(['1h30m ana-mail [FIRING:1] Slow (shop)']);
  });

  test('what waits for the end of quiet hours is dropped when it is over, or somebody has it', async () => {
    await begin(quiet);
    scenario.push([SLOW]);
    await scenario.until('10m');
    scenario.push([], [SLOW]);
    expect(shown(await scenario.until('1h50m', 10_000))).toEqual([]);
    await scenario.end();
    await begin(quiet);
    scenario.push([SLOW]);
    await scenario.until('1h');
    ack();
    expect(shown(await scenario.until('1h50m', 10_000))).toEqual([]);
  });

  test('a resolution that is not urgent waits for the end of quiet hours, too', async () => {
    await begin(config('[{ notify: [{ user: ana }], wait: 3h }]').replace("from: '09:30'", "from: '10:05'"));
    scenario.push([SLOW]);
    expect(shown(await scenario.until('10m'))).toEqual(['1s ana-mail [FIRING:1] Slow (shop)']);
    scenario.push([], [SLOW]);
    expect(shown(await scenario.until('2h', 10_000))).toEqual(['1h30m ana-mail [RESOLVED] Slow (shop)']);
    expect(incidentOf(scenario).told.map(({ believes }) => believes)).toEqual([false]);
  });

  test('that comes later takes it from whoever had it: the steps begin anew', async () => {
    await begin(config('[{ notify: [{ user: ben }], wait: 3h }]').replace('[alertname]', '[monitor]'));
    scenario.push([SLOW]);
    await scenario.until('2s');
    ack();
    scenario.push([SLOW, DOWN]);
    expect(shown(await scenario.until('3m')).at(-1)).toMatch(/^1m\d?s? ben-mail \[FIRING:2\] /);
    expect(kinds(scenario)).toEqual(['fired', 'asked', 'acknowledged', 'joined', 'raised', 'asked']);
    expect(incidentOf(scenario)).toMatchObject({ status: 'active', severity: 'page' });
  });
});

describe('silences', () => {
  test('keep an incident from opening', async () => {
    await begin();
    scenario.silence(['monitor="shop"'], '10m');
    scenario.push([DOWN]);
    expect(await scenario.until('9m')).toEqual([]);
    expect(scenario.notifier.oncall.incidents.countOpen()).toBe(0);
    expect(shown(await scenario.until('12m')).at(0)).toMatch(/ana-phone \[FIRING:1\] Down \(shop\)$/);
  });

  test('stop the steps of one that goes on; when they end the steps begin anew, and its end is told', async () => {
    await begin();
    scenario.push([DOWN]);
    await scenario.until('2m');
    scenario.silence(['monitor="shop"'], '30m');
    expect(await scenario.until('31m')).toEqual([]);
    expect(incidentOf(scenario).status).toBe('muted');
    expect(shown(await scenario.until('34m')).map((line) => line.split(' ')[1])).toEqual(['ana-phone']);
    scenario.silence(['monitor="shop"'], '30m');
    await scenario.until('36m');
    scenario.push([], [DOWN]);
    expect(shown(await scenario.until('40m')).map((line) => line.split(' ').slice(1).join(' '))).toEqual([
      'ana-phone [RESOLVED] Down (shop)',
    ]);
    expect(kinds(scenario)).toEqual(['fired', 'asked', 'muted', 'unmuted', 'asked', 'muted', 'resolved']);
  });
});
