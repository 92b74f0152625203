import { afterEach, describe, expect, test } from 'vitest';
import { fingerprintOf } from '../../src/fingerprint.ts';
import { listDeliveries } from '../../src/outbox/delivery-log.ts';
import { Scenario, START_MS } from './scenario.ts';

/* What people know of Alertmanager's routing and grouping, sentence by sentence, as scripts: push at t, expect by t. */

let scenario: Scenario;
afterEach(() => scenario.end());

const HOOK = 'slack_configs: [{ api_url: "http://127.0.0.1:1/hook" }]';
const QUIET_HOOK = 'slack_configs: [{ api_url: "http://127.0.0.1:1/hook", send_resolved: false }]';
const QUICK = 'group_wait: 10s, group_interval: 1m, repeat_interval: 1h';
const names = ['top', 'web', 'db', 'page'];
const RECEIVERS = `receivers: [${names.map((name) => `{ name: ${name}, ${HOOK} }`).join(', ')}]`;
const tree = (routes: string, settings = QUICK): string => `
  route: { receiver: top, ${settings}, routes: ${routes} }
  ${RECEIVERS}`;

const a = { alertname: 'Down', instance: 'a' };
const b = { alertname: 'Down', instance: 'b' };

/** Who was told, in the order of names. */
const toldTo = (): string[] => scenario.arrivals.map(({ to }) => to.split('/')[0]!).sort();
const reasons = (): string[] => scenario.arrivals.map(({ at, reason }) => `${at} ${reason}`);

describe('a tree of routes', () => {
  test.each([
    ['first match wins', `[{ receiver: web, matchers: [alertname=Down] }, { receiver: db }]`, ['web']],
    ['none matches: the parent takes it', `[{ receiver: web, matchers: [alertname=Up] }]`, ['top']],
    [
      '`continue: true` goes on to siblings',
      `[{ receiver: web, continue: true }, { receiver: db }, { receiver: page }]`,
      ['db', 'web'],
    ],
    [
      '`continue` goes on though only one below it matched',
      `[{ continue: true, routes: [{ receiver: web }] }, { receiver: db }]`,
      ['db', 'web'],
    ],
    ['children inherit', `[{ receiver: web, routes: [{ matchers: [instance=a] }] }]`, ['web']],
    ['matcher =', `[{ receiver: web, matchers: ['instance="a"', alertname="Down"] }]`, ['web']],
    ['matcher !=', `[{ receiver: web, matchers: [instance!=a] }]`, ['top']],
    [
      'matcher =~, over the whole value',
      `[{ receiver: web, matchers: [alertname=~"Dow"] }, { receiver: db, matchers: [alertname=~"Dow."] }]`,
      ['db'],
    ],
    ['matcher !~', `[{ receiver: web, matchers: [alertname!~"Up|Slow"] }]`, ['web']],
    ['an absent label is empty', `[{ receiver: web, matchers: [team=""] }]`, ['web']],
    ['several at once, in braces', `[{ receiver: web, matchers: ['{alertname="Down", instance=~"a|b"}'] }]`, ['web']],
    ['the older forms', `[{ receiver: web, match: { alertname: Down }, match_re: { instance: "[ab]" } }]`, ['web']],
  ])('%s', async (_, routes, expected) => {
    scenario = await Scenario.begin(tree(routes));
    scenario.push([a]);
    await scenario.until('15s');
    expect(toldTo()).toEqual(expected);
  });

  test('names of labels are any UTF-8, in quotes', async () => {
    scenario = await Scenario.begin(
      tree(`[{ receiver: web, matchers: ['"service.name"="wéb shop"'], group_by: [service.name] }]`),
    );
    scenario.push([
      { 'service.name': 'wéb shop', instance: 'a' },
      { 'service.name': 'wéb shop', instance: 'b' },
    ]);
    await scenario.until('15s');
    expect(toldTo()).toEqual(['web']);
    expect(scenario.notifications[0]?.groupLabels).toEqual({ 'service.name': 'wéb shop' });
  });

  test("group_by: ['...'] groups by all labels", async () => {
    scenario = await Scenario.begin(tree('[]', `${QUICK}, group_by: ['...']`));
    scenario.push([a, b]);
    await scenario.until('15s');
    expect(scenario.notifications.map(({ groupLabels }) => groupLabels)).toEqual(expect.arrayContaining([a, b]));
    expect(scenario.notifications).toHaveLength(2);
  });

  test('a group of no labels holds all', async () => {
    scenario = await Scenario.begin(tree('[{ group_by: [] }]', `${QUICK}, group_by: [instance]`));
    scenario.push([a, b]);
    await scenario.until('15s');
    expect(scenario.notifications.map(({ firing }) => firing.length)).toEqual([2]);
  });
});

describe('the times of a group', () => {
  test('are by default 30 s, 5 m and 4 h', async () => {
    scenario = await Scenario.begin(tree('[]', 'group_by: []'));
    scenario.push([a]);
    await scenario.until('1m');
    scenario.push([a, b]);
    await scenario.until('5h', 10_000);
    expect(reasons()).toEqual(['30s first_notification', '5m30s new_firing', '4h5m30s repeat_interval']);
  });

  test('let a repeat come in steps of the group interval', async () => {
    scenario = await Scenario.begin(tree('[]', 'group_wait: 0s, group_interval: 7m, repeat_interval: 1h'));
    scenario.push([a]);
    await scenario.until('2h10m', 10_000);
    expect(reasons()).toEqual(['0s first_notification', '1h3m repeat_interval', '2h6m repeat_interval']);
  });

  test('an alert resolved before group_wait is never notified', async () => {
    scenario = await Scenario.begin(tree('[]'));
    scenario.push([a]);
    await scenario.until('9s');
    scenario.push([], [a]);
    await scenario.until('10m');
    expect(reasons()).toEqual([]);
  });
});

describe('a pushed alert', () => {
  const FIVE_MINUTES_MS = 300_000;

  test('ends resolve_timeout after its last push', async () => {
    scenario = await Scenario.begin(tree('[]'));
    for (const minute of ['0s', '1m', '2m']) {
      await scenario.until(minute);
      scenario.pushUntil([a], scenario.nowMs + FIVE_MINUTES_MS, START_MS);
    }
    await scenario.until('10m');
    expect(reasons()).toEqual(['10s first_notification', '7m10s all_resolved']);
    expect(scenario.notifications[1]?.resolved[0]?.endsAtMs).toBe(START_MS + 420_000);
  });

  test('merges with the pushes before: earliest start, latest end', async () => {
    scenario = await Scenario.begin(tree('[]'));
    scenario.pushUntil([a], START_MS + 180_000, START_MS - 60_000);
    scenario.pushUntil([a], START_MS + 120_000, START_MS - 30_000);
    await scenario.until('10m');
    expect(reasons()).toEqual(['0s first_notification', '3m all_resolved']);
    expect(scenario.notifications[1]?.resolved[0]).toMatchObject({
      startsAtMs: START_MS - 60_000,
      endsAtMs: START_MS + 180_000,
    });
  });

  test('that is said to be over is over, though an end was to come later', async () => {
    scenario = await Scenario.begin(tree('[]'));
    scenario.pushUntil([a], START_MS + FIVE_MINUTES_MS);
    await scenario.until('30s');
    scenario.pushUntil([a], scenario.nowMs, START_MS);
    await scenario.until('3m');
    expect(reasons()).toEqual(['10s first_notification', '1m10s all_resolved']);
  });

  test('that starts after the old end is a new occurrence', async () => {
    scenario = await Scenario.begin(tree('[]'));
    scenario.pushUntil([a], START_MS + 30_000);
    await scenario.until('3m');
    scenario.pushUntil([a], START_MS + FIVE_MINUTES_MS);
    await scenario.until('4m');
    expect(reasons()).toEqual(['10s first_notification', '1m10s all_resolved', '3m10s first_notification']);
    expect(scenario.notifications[2]?.firing[0]?.startsAtMs).toBe(START_MS + 180_000);
  });
});

describe('a group is told', () => {
  test('when it was never notified and something fires, when a new member fires, when members resolved, when the repeat interval is over', async () => {
    scenario = await Scenario.begin(tree('[]'));
    scenario.push([a]);
    await scenario.until('30s');
    scenario.push([a, b]);
    await scenario.until('90s');
    scenario.push([a], [b]);
    await scenario.until('1h3m', 5_000);
    scenario.push([], [a]);
    await scenario.until('3h', 5_000);
    expect(reasons()).toEqual([
      '10s first_notification',
      '1m10s new_firing',
      '2m10s some_resolved',
      '1h2m10s repeat_interval',
      '1h3m10s all_resolved',
    ]);
  });

  test('of nothing that resolved where that is not wanted, but all resolved counts as a change, so that the log is cleared', async () => {
    scenario = await Scenario.begin(
      `  route: { receiver: top, ${QUICK} }\n  receivers: [{ name: top, ${QUIET_HOOK} }]`,
    );
    scenario.push([a]);
    await scenario.until('30s');
    scenario.push([], [a]);
    await scenario.until('3m');
    scenario.push([a]);
    await scenario.until('5m');
    expect(reasons()).toEqual(['10s first_notification', '3m10s first_notification']);
  });
});

describe('a delivery that fails', () => {
  const both = tree('[{ receiver: web, continue: true }, { receiver: db }]');
  const down = (status: 'retryable' | 'failed') => () =>
    ({ status, reason: 'server_error', detail: 'HTTP 503' }) as const;
  const states = (): string[] =>
    listDeliveries(scenario.database, { limit: 100 }).map(
      ({ receiver, cause, status, attempts, lastDetail }) =>
        `${receiver} ${cause} ${status} ${attempts > 1} ${lastDetail}`,
    );

  test("is retried with back-off until the group's next message supersedes it, and holds up no other receiver", async () => {
    scenario = await Scenario.begin(both);
    scenario.answers.set('web/slack/0', down('retryable'));
    scenario.push([a]);
    await scenario.until('40s');
    expect(scenario.arrivals.map(({ at, to }) => `${at} ${to}`)).toEqual(['10s db/slack/0']);
    scenario.push([b]);
    await scenario.until('1m20s');
    scenario.answers.delete('web/slack/0');
    await scenario.until('3m');
    const web = scenario.notifications.filter(({ receiver }) => receiver === 'web');
    expect(web.map(({ reason, firing }) => [reason, firing.length])).toEqual([['new_firing', 2]]);
    expect(states()).toContain('web first_notification superseded true HTTP 503');
  });

  test('for good is final and to be seen, and holds up no other receiver', async () => {
    scenario = await Scenario.begin(both);
    scenario.answers.set('web/slack/0', down('failed'));
    scenario.push([a]);
    await scenario.until('40s');
    expect(scenario.arrivals.map(({ at, to }) => `${at} ${to}`)).toEqual(['10s db/slack/0']);
    expect(states()).toContain('web first_notification failed false HTTP 503');
  });
});

describe('an alert that fires again', () => {
  test('within 15 minutes of its end is a new one: it begins then, and waits for its group anew', async () => {
    scenario = await Scenario.begin(tree('[]'));
    scenario.push([a]);
    await scenario.until('30s');
    scenario.push([], [a]);
    await scenario.until('5m');
    scenario.push([a]);
    await scenario.until('6m');
    expect(reasons()).toEqual(['10s first_notification', '1m10s all_resolved', '5m10s first_notification']);
    expect(scenario.notifications[2]?.firing).toMatchObject([{ startsAtMs: START_MS + 300_000 }]);
  });
});

describe('of inhibition, silences and time intervals', () => {
  const MUTED = (rules: string): string => `${tree('[{ mute_time_intervals: [ten] }, { receiver: web }]')}
  time_intervals: [{ name: ten, time_intervals: [{ times: [{ start_time: '10:00', end_time: '10:02' }], location: UTC }] }]
  inhibit_rules: [${rules}]`;

  test('each mutes for itself, and what fires is told when the last one goes', async () => {
    scenario = await Scenario.begin(
      MUTED('{ source_matchers: [instance=s], target_matchers: [instance=a], equal: [alertname] }'),
    );
    const source = { alertname: 'Down', instance: 's' };
    const id = scenario.silence(['instance="a"'], '4m');
    scenario.push([a, source]);
    await scenario.until('1m');
    expect(scenario.marks(a)).toMatchObject({ silencedBy: [id], inhibitedBy: [expect.any(String)], mutedBy: ['ten'] });
    await scenario.until('3m');
    expect(scenario.notifications.map(({ firing }) => firing.map(({ labels }) => labels))).toEqual([[source]]);
    await scenario.until('5m');
    expect(scenario.notifications).toHaveLength(1);
    scenario.push([a], [source]);
    await scenario.until('7m');
    expect(scenario.notifications[1]).toMatchObject({ firing: [{ labels: a }], resolved: [{ labels: source }] });
  });

  test('two rules of which each inhibits what the other comes from keep both silent, as in Alertmanager, and both are shown so', async () => {
    const rule = (from: string, to: string) =>
      `{ source_matchers: [instance=${from}], target_matchers: [instance=${to}] }`;
    scenario = await Scenario.begin(`${tree('[]')}\n  inhibit_rules: [${rule('a', 'b')}, ${rule('b', 'a')}]`);
    scenario.push([a, b]);
    expect(await scenario.until('5m')).toEqual([]);
    expect([scenario.marks(a).inhibitedBy, scenario.marks(b).inhibitedBy]).toEqual([
      [fingerprintOf(b)],
      [fingerprintOf(a)],
    ]);
  });

  test('a silence that is expired stays to be seen, with its author and comment', async () => {
    scenario = await Scenario.begin(tree('[]'));
    const id = scenario.silence(['instance="a"'], '4m');
    scenario.notifier.silences.expire(id, scenario.nowMs);
    await scenario.until('24h', 600_000);
    expect(scenario.notifier.silences.list()).toMatchObject([
      { id, createdBy: 'ann', comment: 'known', endsAtMs: START_MS },
    ]);
  });
});

describe('a reload', () => {
  const groups = (): string[] =>
    scenario
      .groups()
      .map(({ receiver, alerts }) => `${receiver}: ${alerts.map(({ labels }) => labels['instance']).join(' ')}`);

  test('moves alerts to the groups that they now belong to, and leaves the others where they are', async () => {
    scenario = await Scenario.begin(tree('[]'));
    scenario.push([a, b]);
    await scenario.until('30s');
    expect(groups()).toEqual(['top: a b']);
    await scenario.reload(tree('[{ receiver: web, matchers: [instance=a] }]'));
    expect(groups()).toEqual(['top: b', 'web: a']);
    await scenario.until('2m');
    expect(scenario.arrivals.map(({ at, to }) => `${at} ${to}`)).toEqual(['10s top/slack/0', '30s web/slack/0']);
    await scenario.reload(tree('[{ receiver: web }]'));
    expect(groups()).toEqual(['web: a b']);
  });

  test('takes an alert away from whoever was told of it without a word: its new receivers hear of its end', async () => {
    scenario = await Scenario.begin(tree('[]'));
    scenario.push([a]);
    await scenario.until('30s');
    await scenario.reload(tree('[{ receiver: web }]'));
    await scenario.until('1m');
    scenario.push([], [a]);
    await scenario.until('5m');
    expect(scenario.arrivals.map(({ to, title }) => `${to} ${title}`)).toEqual([
      'top/slack/0 [FIRING:1] Down (a)',
      'web/slack/0 [FIRING:1] Down (a)',
      'web/slack/0 [RESOLVED] Down (a)',
    ]);
  });
});
