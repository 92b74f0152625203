import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DeliveryResult } from '../../src/channels/channel.ts';
import { describeNotification } from '../../src/channels/content.ts';
import { listDeliveries } from '../../src/outbox/delivery-log.ts';
import { Scenario } from '../notify/scenario.ts';

const ALERTING = `
  route: { receiver: team, group_by: [alertname], group_wait: 1s, group_interval: 1m, repeat_interval: 4h }
  receivers:
    - name: team
      slack_configs: [{ api_url: "http://127.0.0.1:1/hook" }]
    - name: boss
      email_configs: [{ to: a@example.com, from: t@example.com, smarthost: "127.0.0.1:25" }]
  fallback: { receiver: boss, after: 5m }
`;
const a = { alertname: 'Down', monitor: 'a' };
const refused: DeliveryResult = { status: 'retryable', reason: 'connection_failed', detail: 'refused' };

let scenario: Scenario;
beforeEach(async () => {
  scenario = await Scenario.begin(ALERTING);
});
afterEach(() => scenario.end());
const told = () => scenario.arrivals.map(({ at, to, title }) => `${at} ${to} ${title}`);

describe('a channel that stays down', () => {
  test('is stood in for after a while by the fallback receiver, whose message says so', async () => {
    scenario.answers.set('team/slack/0', () => refused);
    scenario.push([a]);
    await scenario.until('10m');
    expect(told()).toEqual(['5m1s boss/email/0 [FIRING:1] Down (a)']);
    const { notes } = describeNotification(scenario.notifications[0]!, { consoleUrl: 'http://c' }, 5);
    expect(notes).toEqual([
      'Told here because team/slack/0 cannot be reached (connection_failed) since 2026-11-20 10:00:01 UTC.',
    ]);
  });

  test('is still told when it is back', async () => {
    let down = true;
    scenario.answers.set('team/slack/0', () => (down ? refused : { status: 'ok' }));
    scenario.push([a]);
    await scenario.until('6m');
    down = false;
    await scenario.until('9m');
    expect(told().map((line) => line.split(' ')[1])).toEqual(['boss/email/0', 'team/slack/0']);
  });

  test('is stood in for though something new happens every minute', async () => {
    scenario.answers.set('team/slack/0', () => refused);
    const firing = [a];
    for (let minute = 0; minute < 10; minute += 1) {
      scenario.push(firing);
      await scenario.until(`${minute + 1}m`);
      firing.push({ alertname: 'Down', monitor: `b${minute}` });
    }
    const [first] = told();
    expect(first).toMatch(/^5m\d+s boss\/email\/0/);
    expect(told().length).toBeGreaterThan(2);
  });

  test('has the resolution told by the fallback receiver too', async () => {
    scenario.answers.set('team/slack/0', () => refused);
    scenario.push([a]);
    await scenario.until('6m');
    scenario.push([], [a]);
    await scenario.until('15m');
    expect(told().at(-1)).toMatch(/boss\/email\/0 \[RESOLVED\] Down \(a\)$/);
  });
});

test('a channel that refuses is stood in for at once', async () => {
  scenario.answers.set('team/slack/0', () => ({ status: 'failed', reason: 'rejected', detail: 'no_service' }));
  scenario.push([a]);
  await scenario.until('20s');
  expect(told()).toEqual(['2s boss/email/0 [FIRING:1] Down (a)']);
});

test('a channel that is well, or back soon, is not stood in for', async () => {
  let tries = 0;
  scenario.answers.set('team/slack/0', () => ((tries += 1) < 5 ? refused : { status: 'ok' }));
  scenario.push([a]);
  await scenario.until('20m');
  expect(told().map((line) => line.split(' ')[1])).toEqual(['team/slack/0']);
});

test('a fallback receiver that is down as well makes no circle', async () => {
  scenario.answers.set('team/slack/0', () => refused);
  scenario.answers.set('boss/email/0', () => refused);
  scenario.push([a]);
  await scenario.until('1h', 10_000);
  expect(told()).toEqual([]);
  expect(listDeliveries(scenario.database, { limit: 100 }).filter(({ receiver }) => receiver === 'boss')).toHaveLength(
    1,
  );
});

test('what came by way of a fallback goes no further when another one is configured', async () => {
  const other = ALERTING.replace('fallback: { receiver: boss', 'fallback: { receiver: chief').replace(
    '  fallback:',
    '    - name: chief\n      webhook_configs: [{ url: "http://127.0.0.1:1/" }]\n  fallback:',
  );
  scenario.answers.set('team/slack/0', () => refused);
  scenario.answers.set('boss/email/0', () => refused);
  scenario.push([a]);
  await scenario.until('8m');
  await scenario.reload(other);
  await scenario.until('30m', 5_000);
  expect(told()).toEqual([]);
});
