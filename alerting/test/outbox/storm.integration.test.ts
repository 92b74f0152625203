import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DeliveryResult } from '../../src/channels/channel.ts';
import { listDeliveries } from '../../src/outbox/delivery-log.ts';
import { composeWebhookBody } from '../../src/channels/webhook/webhook-body.ts';
import { Scenario } from '../notify/scenario.ts';

const ALERTING = `
  route: { receiver: team, group_by: [monitor], group_wait: 10s, group_interval: 5m, repeat_interval: 4h }
  receivers:
    - name: team
      email_configs: [{ to: a@example.com, from: t@example.com, smarthost: "127.0.0.1:25" }]
      slack_configs: [{ api_url: "http://127.0.0.1:1/hook" }]
      webhook_configs: [{ url: "http://127.0.0.1:1/hook" }]
`;
const monitors = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ alertname: 'MonitorDown', monitor: `m${at}`, severity: 'page' }));
const refused: DeliveryResult = { status: 'retryable', reason: 'connection_failed', detail: 'refused' };

let folder: string;
let scenario: Scenario;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-storm-'));
  scenario = await Scenario.begin(ALERTING, join(folder, 'alerting.sqlite'));
});
afterEach(async () => {
  await scenario.end();
  rmSync(folder, { recursive: true });
});

const sentTo = (channel: string) => scenario.notifications.filter((_, at) => scenario.arrivals[at]?.to === channel);
/** Every group a channel has heard of, by itself or in a digest. */
const toldTo = (channel: string): Set<string> => {
  const log = listDeliveries(scenario.database, { limit: 50_000 }).filter(
    (entry) => `team/${entry.channel}/0` === channel,
  );
  return new Set(
    log.filter(({ status, cause }) => status === 'delivered' && cause !== 'digest').map((entry) => entry.groupKey),
  );
};

describe('3,000 monitors that fail within ten seconds, each a group of its own', () => {
  test('give each person a handful of messages, and nobody loses one', async () => {
    const all = monitors(3_000);
    for (let second = 0; second < 10; second += 1) {
      scenario.push(all.slice(second * 300, second * 300 + 300));
      await scenario.until(`${second + 1}s`);
    }
    await scenario.until('4m');
    for (const channel of ['team/email/0', 'team/slack/0']) {
      const sent = sentTo(channel);
      expect(sent.length).toBeGreaterThan(1);
      expect(sent.length).toBeLessThanOrEqual(10);
      const digests = sent.filter(({ digest }) => digest !== undefined);
      const single = sent.length - digests.length;
      expect(digests.reduce((sum, { digest }) => sum + (digest?.groupCount ?? 0), 0)).toBe(3_000 - single);
      expect(digests[0]?.digest?.titles[0]).toMatch(/^\[FIRING:1\] MonitorDown \(m\d+/);
      expect(toldTo(channel).size).toBe(3_000);
    }
    // A machine gets every one: an incident for each group is its own business.
    expect(sentTo('team/webhook/0')).toHaveLength(3_000);
  }, 300_000);
});

test('a webhook gets every alert of a group, and people as many as they read', async () => {
  await scenario.reload(ALERTING.replace('[monitor]', '[alertname]'));
  scenario.push(monitors(3_000));
  await scenario.until('15s');
  const [hook] = sentTo('team/webhook/0');
  expect(hook?.firing).toHaveLength(3_000);
  expect(hook?.firingCount).toBe(3_000);
  expect(sentTo('team/slack/0')[0]?.firing).toHaveLength(200);
  expect(composeWebhookBody(hook!, 'http://c', 0)).toMatchObject({ truncatedAlerts: 0 });
  expect(composeWebhookBody(hook!, 'http://c', 50)).toMatchObject({ truncatedAlerts: 2_950 });
  expect(composeWebhookBody(hook!, 'http://c', 50).alerts).toHaveLength(50);
  scenario.answers.set('team/webhook/0', () => refused);
  scenario.push([], monitors(1_000));
  await scenario.until('6m', 5_000);
  scenario.push([], monitors(2_000));
  await scenario.until('11m', 5_000);
  scenario.answers.clear();
  await scenario.until('13m', 5_000);
  const last = sentTo('team/webhook/0').at(-1);
  expect([last?.firing.length, last?.resolved.length]).toEqual([1_000, 2_000]);
});

describe('a digest', () => {
  test('says how many groups, names them, and its groups are marked as told by it', async () => {
    scenario.push(monitors(12));
    await scenario.until('15s');
    const arrivals = scenario.arrivals.filter(({ to }) => to === 'team/slack/0');
    expect(arrivals.map(({ title }) => title)).toEqual([
      expect.stringMatching(/^\[FIRING:1\] MonitorDown/),
      expect.stringMatching(/^\[FIRING:1\] MonitorDown/),
      expect.stringMatching(/^\[FIRING:1\] MonitorDown/),
      expect.stringMatching(/^\[FIRING:1\] MonitorDown/),
      '[DIGEST] 8 more groups: 8 firing',
    ]);
    const digest = sentTo('team/slack/0').at(-1);
    expect(digest?.digest?.titles).toHaveLength(8);
    const covered = listDeliveries(scenario.database, { limit: 100 }).filter(
      ({ supersededBy }) => supersededBy === digest?.id,
    );
    expect(covered).toHaveLength(8);
    expect(new Set(covered.map(({ status }) => status))).toEqual(new Set(['delivered']));
    expect(covered[0]?.lastDetail).toBe(`Told in the digest ${digest?.id}.`);
  });

  test('that is refused leaves nobody untold: its groups are told again', async () => {
    let refusing = true;
    scenario.answers.set('team/slack/0', ({ digest }) =>
      digest && refusing ? { status: 'failed', reason: 'rejected', detail: 'no' } : { status: 'ok' },
    );
    scenario.push(monitors(12));
    await scenario.until('15s');
    expect(toldTo('team/slack/0').size).toBe(4);
    refusing = false;
    await scenario.until('7m');
    expect(toldTo('team/slack/0').size).toBe(12);
  });

  test('that cannot be delivered holds back what came after it, and then goes first', async () => {
    let down = true;
    scenario.answers.set('team/slack/0', ({ digest }) => (digest && down ? refused : { status: 'ok' }));
    scenario.push(monitors(12));
    await scenario.until('15s');
    scenario.push([], monitors(12));
    await scenario.until('6m', 5_000);
    down = false;
    await scenario.until('10m', 5_000);
    const told = scenario.arrivals.filter(({ to }) => to === 'team/slack/0').map(({ title }) => title);
    expect(told[4]).toBe('[DIGEST] 8 more groups: 8 firing');
    expect(told.slice(5).join()).toContain('12 resolved');
    expect(told.slice(5).join()).not.toContain('firing');
  });

  test('survives a restart between its making and its delivery', async () => {
    scenario.answers.set('team/slack/0', ({ digest }) => (digest ? refused : { status: 'ok' }));
    scenario.push(monitors(12));
    await scenario.until('15s');
    scenario.restart();
    scenario.answers.delete('team/slack/0');
    await scenario.until('2m');
    expect(sentTo('team/slack/0').at(-1)?.digest?.groupCount).toBe(8);
    expect(toldTo('team/slack/0').size).toBe(12);
  });

  test('does not wait for an hour because the clock was set back by one', async () => {
    scenario.push(monitors(5));
    await scenario.until('15s');
    scenario.nowMs -= 3_600_000;
    await scenario.tick();
    scenario.push(monitors(7).slice(-2), [], scenario.nowMs);
    for (let second = 0; second < 60; second += 1) {
      scenario.nowMs += 1_000;
      await scenario.tick();
    }
    expect(toldTo('team/slack/0').size).toBe(7);
  });

  test('is not made where messages come at a pace people can read', async () => {
    for (let at = 0; at < 8; at += 1) {
      scenario.push(monitors(at + 1).slice(-1));
      await scenario.until(`${(at + 1) * 20}s`);
    }
    await scenario.until('4m');
    expect(sentTo('team/slack/0').every(({ digest }) => digest === undefined)).toBe(true);
    expect(sentTo('team/slack/0')).toHaveLength(8);
  });
});
