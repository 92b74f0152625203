import { afterEach, describe, expect, test } from 'vitest';
import { Scenario } from './scenario.ts';

let scenario: Scenario;
afterEach(() => scenario.end());

const EMAIL = 'email_configs: [{ to: a@example.com, from: t@example.com, smarthost: "127.0.0.1:25" }]';
const SLACK = 'slack_configs: [{ api_url: "http://127.0.0.1:1/hook", send_resolved: false }]';
const DEFAULTS = `
  route: { receiver: team, group_by: [alertname] }
  receivers: [{ name: team, ${EMAIL} }]
`;
const QUICK = DEFAULTS.replace('] }', '], group_wait: 10s, group_interval: 1m, repeat_interval: 1h }');

const a = { alertname: 'Down', monitor: 'a' };
const b = { alertname: 'Down', monitor: 'b' };
const other = { alertname: 'Slow', monitor: 'a' };

describe('group_wait', () => {
  test('holds the first message back for 30 s by default and gathers what fires meanwhile', async () => {
    scenario = await Scenario.begin(DEFAULTS);
    scenario.push([a]);
    await scenario.until('20s');
    scenario.push([a, b]);
    expect(await scenario.until('29s')).toEqual([]);
    expect(await scenario.until('31s')).toEqual([
      { at: '30s', to: 'team/email/0', title: '[FIRING:2] Down', reason: 'first_notification' },
    ]);
  });

  test('lets an alert that resolves within it pass without a word', async () => {
    scenario = await Scenario.begin(DEFAULTS);
    scenario.push([a]);
    await scenario.until('20s');
    scenario.push([], [a]);
    expect(await scenario.until('1h')).toEqual([]);
  });

  test('leaves what resolved within it out of the first message', async () => {
    scenario = await Scenario.begin(DEFAULTS);
    scenario.push([a, b]);
    await scenario.until('20s');
    scenario.push([a], [b]);
    await scenario.until('6m');
    expect(scenario.notifications.map(({ firing, resolved }) => [firing.length, resolved.length])).toEqual([[1, 0]]);
  });

  test('does not hold an alert back that has fired longer than that', async () => {
    scenario = await Scenario.begin(DEFAULTS);
    scenario.push([a], [], scenario.nowMs - 60_000);
    expect(await scenario.until('0s')).toMatchObject([{ at: '0s', title: '[FIRING:1] Down (a)' }]);
  });
});

describe('groups', () => {
  test('are told apart by the labels of group_by', async () => {
    scenario = await Scenario.begin(QUICK);
    scenario.push([a, b, other]);
    const titles = (await scenario.until('11s')).map(({ title }) => title);
    expect(titles.sort()).toEqual(['[FIRING:1] Slow (a)', '[FIRING:2] Down']);
  });

  test('go to every channel of the receiver', async () => {
    scenario = await Scenario.begin(QUICK.replace(EMAIL, `${EMAIL}, ${SLACK}`));
    scenario.push([a]);
    expect((await scenario.until('11s')).map(({ to }) => to).sort()).toEqual(['team/email/0', 'team/slack/0']);
  });

  test('of routes with continue are spoken of on each', async () => {
    scenario = await Scenario.begin(`
  route:
    receiver: team
    group_wait: 1s
    routes: [{ receiver: boss, continue: true }, { receiver: team, group_wait: 5s }]
  receivers: [{ name: team, ${EMAIL} }, { name: boss, ${EMAIL} }]
`);
    scenario.push([a]);
    expect((await scenario.until('6s')).map(({ at, to }) => `${at} ${to}`)).toEqual([
      '1s boss/email/0',
      '5s team/email/0',
    ]);
  });
});

describe('group_interval', () => {
  test('is when a new member is spoken of', async () => {
    scenario = await Scenario.begin(QUICK);
    scenario.push([a]);
    await scenario.until('11s');
    scenario.push([a, b]);
    expect(await scenario.until('2m')).toMatchObject([{ at: '1m10s', title: '[FIRING:2] Down', reason: 'new_firing' }]);
  });

  test('is when members that resolved are spoken of, each once', async () => {
    scenario = await Scenario.begin(QUICK);
    scenario.push([a, b]);
    await scenario.until('11s');
    scenario.push([a], [b]);
    expect(await scenario.until('5m')).toMatchObject([
      { at: '1m10s', title: '[FIRING:1] Down', reason: 'some_resolved' },
    ]);
    scenario.push([], [a]);
    expect(await scenario.until('15m')).toMatchObject([
      { at: '5m10s', title: '[RESOLVED] Down (a)', reason: 'all_resolved' },
    ]);
    expect(scenario.notifications.map(({ resolved }) => resolved.map(({ labels }) => labels['monitor']))).toEqual([
      [],
      ['b'],
      ['a'],
    ]);
  });

  test('keeps its rhythm when ticks come late', async () => {
    scenario = await Scenario.begin(QUICK);
    scenario.push([a]);
    await scenario.until('10s');
    scenario.push([a, b]);
    scenario.nowMs += 62_000;
    await scenario.tick();
    scenario.push([a, b, { ...a, monitor: 'c' }]);
    const arrivals = await scenario.until('3m');
    expect(arrivals.map(({ at }) => at)).toEqual(['2m10s']);
  });

  test('of a message says who resolved and fires again as one trouble each time', async () => {
    scenario = await Scenario.begin(QUICK);
    scenario.push([a]);
    await scenario.until('11s');
    scenario.push([], [a]);
    await scenario.until('2m');
    scenario.push([a]);
    await scenario.until('3m');
    expect(scenario.arrivals.map(({ at, reason }) => `${at} ${reason}`)).toEqual([
      '10s first_notification',
      '1m10s all_resolved',
      '2m10s first_notification',
    ]);
    const threads = scenario.notifications.map(({ threadId }) => threadId);
    expect(threads[1]).toBe(threads[0]);
    expect(threads[2]).not.toBe(threads[0]);
  });
});

describe('repeat_interval', () => {
  test('repeats the message of a group that stays as it is, to the step of the group interval', async () => {
    scenario = await Scenario.begin(DEFAULTS);
    scenario.push([a]);
    const arrivals = await scenario.until('9h', 10_000);
    expect(arrivals.map(({ at, reason }) => `${at} ${reason}`)).toEqual([
      '30s first_notification',
      '4h30s repeat_interval',
      '8h30s repeat_interval',
    ]);
  });

  test('starts again with every message', async () => {
    scenario = await Scenario.begin(QUICK);
    scenario.push([a]);
    await scenario.until('30m');
    scenario.push([a, b]);
    const arrivals = await scenario.until('2h');
    expect(arrivals.map(({ at, reason }) => `${at} ${reason}`)).toEqual([
      '30m10s new_firing',
      '1h30m10s repeat_interval',
    ]);
  });
});

describe('send_resolved: false', () => {
  const quiet = QUICK.replace(EMAIL, SLACK);

  test('keeps silent when all resolved but counts it, so that the next trouble is told', async () => {
    scenario = await Scenario.begin(quiet);
    scenario.push([a]);
    await scenario.until('11s');
    scenario.push([], [a]);
    await scenario.until('3m');
    scenario.push([a]);
    await scenario.until('4m');
    expect(scenario.arrivals.map(({ at, reason }) => `${at} ${reason}`)).toEqual([
      '10s first_notification',
      '3m10s first_notification',
    ]);
  });

  test('tells a member that resolved silently and fires again', async () => {
    scenario = await Scenario.begin(quiet);
    scenario.push([a, b]);
    await scenario.until('11s');
    scenario.push([a], [b]);
    await scenario.until('3m');
    scenario.push([a, b]);
    expect(await scenario.until('4m')).toMatchObject([{ reason: 'new_firing' }]);
    expect(scenario.notifications.every(({ resolved }) => resolved.length === 0)).toBe(true);
  });
});

describe('a clock that is set back', () => {
  test('holds no group up for longer than its interval', async () => {
    scenario = await Scenario.begin(QUICK);
    scenario.push([a]);
    await scenario.until('11s');
    scenario.nowMs -= 3_600_000;
    scenario.push([a, b]);
    for (let second = 0; second <= 61; second += 1, scenario.nowMs += 1_000) await scenario.tick();
    expect(scenario.arrivals.map(({ reason }) => reason)).toEqual(['first_notification', 'new_firing']);
  });
});

test('an alert nobody is told of, without a route, is kept all the same', async () => {
  scenario = await Scenario.begin('  receivers: []');
  scenario.push([a]);
  expect(await scenario.until('10m')).toEqual([]);
  expect(scenario.notifier.alerts.listAlerts(scenario.nowMs)).toMatchObject([{ labels: a }]);
});
