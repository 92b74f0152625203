import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DeliveryResult } from '../../src/channels/channel.ts';
import { listDeliveries } from '../../src/outbox/delivery-log.ts';
import { createOutbox } from '../../src/outbox/outbox.ts';
import { sampleAlert, sampleNotification, SINCE_MS } from '../channels/sample.ts';
import { Scenario } from '../notify/scenario.ts';
import { config, kinds, timeline } from '../oncall/desk-scenario.ts';

const ALERTING = `
  max_messages_per_minute: 1000
  route: { receiver: team, group_by: [monitor], group_wait: 1s, group_interval: 1m, repeat_interval: 4h }
  receivers:
    - name: team
      slack_configs: [{ api_url: "http://127.0.0.1:1/hook" }]
`;
const ONE_A_MINUTE = `  max_messages_per_minute: 1\n${config('[{ notify: [{ user: ben }], wait: 30m }]').replace('[alertname]', '[monitor]')}`;
const REFUSED: DeliveryResult = { status: 'failed', reason: 'rejected', detail: 'no' };
const AWAY: DeliveryResult = { status: 'retryable', reason: 'connection_failed', detail: 'refused' };
const monitors = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ alertname: 'Down', monitor: `m${at}`, severity: 'page' }));

let folder: string;
let scenario: Scenario;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-ends-'));
});
afterEach(async () => {
  await scenario.end();
  rmSync(folder, { recursive: true });
});
const begin = async (text: string): Promise<void> => {
  scenario = await Scenario.begin(text, join(folder, 'alerting.sqlite'));
};
const titles = () => scenario.arrivals.map(({ title }) => title);
const reasons = () => listDeliveries(scenario.database, { limit: 1_000 }).map(({ lastReason }) => lastReason);

describe('an end that a channel refuses', () => {
  test('is told later, for no look at its group comes again', async () => {
    await begin(ALERTING);
    scenario.push(monitors(1));
    await scenario.until('5s');
    scenario.answers.set('team/slack/0', () => REFUSED);
    scenario.push([], monitors(1));
    await scenario.until('20m');
    scenario.answers.clear();
    await scenario.until('2h', 10_000);
    expect(titles()).toEqual(['[FIRING:1] Down (m0)', '[RESOLVED] Down (m0)']);
  });

  test('is given up after a day, and that is said', async () => {
    await begin(ALERTING);
    scenario.push(monitors(1));
    await scenario.until('5s');
    let tries = 0;
    scenario.answers.set('team/slack/0', () => {
      tries += 1;
      return REFUSED;
    });
    scenario.push([], monitors(1));
    await scenario.until('1d3h', 60_000);
    expect(tries).toBeGreaterThan(20);
    expect(tries).toBeLessThan(40);
    expect(listDeliveries(scenario.database, { limit: 1 })[0]).toMatchObject({
      status: 'failed',
      lastReason: 'rejected',
    });
  });

  test('of an incident is told later as well', async () => {
    await begin(config('[{ notify: [{ user: ben }], wait: 30m }]'));
    scenario.push(monitors(1));
    await scenario.until('5s');
    scenario.answers.set('ben-mail/slack/0', () => REFUSED);
    scenario.push([], monitors(1));
    await scenario.until('10m');
    scenario.answers.clear();
    await scenario.until('1h', 10_000);
    expect(titles()).toEqual(['[FIRING:1] Down (m0)', '[RESOLVED] Down (m0)']);
  });

  test('in a digest is told by itself or in another one, of groups and of incidents', async () => {
    for (const [text, channel] of [
      [ALERTING.replace('1000', '1'), 'team/slack/0'],
      [ONE_A_MINUTE, 'ben-mail/slack/0'],
    ] as const) {
      await scenario?.end();
      rmSync(join(folder, 'alerting.sqlite'), { force: true });
      await begin(text);
      scenario.push(monitors(4));
      await scenario.until('10m', 5_000);
      scenario.answers.set(channel, ({ digest }) => (digest ? REFUSED : { status: 'ok' }));
      scenario.push([], monitors(4));
      await scenario.until('12m', 5_000);
      const before = scenario.notifications.length;
      scenario.answers.clear();
      await scenario.until('40m', 10_000);
      const over = scenario.notifications
        .slice(before)
        .flatMap(({ resolved }) => resolved.map(({ labels }) => labels['monitor']));
      const told = scenario.notifications
        .slice(0, before)
        .flatMap(({ resolved }) => resolved.map(({ labels }) => labels['monitor']));
      expect(new Set([...told, ...over])).toEqual(new Set(['m0', 'm1', 'm2', 'm3']));
      expect(over.length).toBeGreaterThan(0);
    }
  });
});

describe('where too many wait', () => {
  /** The limit counts from here on. */
  const limitTo = (maxPending: number): void => {
    scenario.maxPending = maxPending;
    scenario.restart();
  };

  test('ends are kept though they are the oldest', async () => {
    await begin(ALERTING);
    scenario.push(monitors(3));
    await scenario.until('5s');
    scenario.answers.set('team/slack/0', () => AWAY);
    scenario.push([], monitors(3));
    await scenario.until('2m');
    scenario.push(monitors(6).slice(3));
    await scenario.until('3m');
    limitTo(3);
    await scenario.tick();
    expect(reasons().filter((reason) => reason === 'outbox_full')).toHaveLength(3);
    scenario.maxPending = undefined;
    scenario.restart();
    scenario.answers.clear();
    await scenario.until('20m', 5_000);
    expect(titles().filter((title) => title.startsWith('[RESOLVED]'))).toHaveLength(3);
    expect(
      titles()
        .slice(3)
        .filter((title) => title.startsWith('[FIRING')).length,
    ).toBeGreaterThanOrEqual(3);
  });

  test('only the newest of each group is kept before anything is given up, with all that the older ones tell', async () => {
    await begin(ALERTING);
    const ended: string[] = [];
    const outbox = createOutbox(scenario.database, ({ id }) => ended.push(id));
    const channel = { receiver: 'team', kind: 'slack', index: 0 } as const;
    const over = [sampleAlert({ service: 'api' }, {}, SINCE_MS + 1)];
    outbox.enqueue(channel, sampleNotification({ id: 'n1', groupKey: 'one', resolved: over }), 1);
    outbox.enqueue(channel, sampleNotification({ id: 'n2', groupKey: 'one' }), 1);
    outbox.enqueue(channel, sampleNotification({ id: 'n3', groupKey: 'two' }), 1);
    expect(outbox.dropBeyond(2, 2)).toEqual({ again: 0, ends: 0 });
    expect(ended).toEqual([]);
    expect(outbox.claim(channel, 'one', 2)?.notification).toMatchObject({ id: 'n2', resolvedCount: 1 });
    expect(outbox.dropBeyond(1, 2)).toEqual({ again: 1, ends: 0 });
    expect(ended).toEqual(['n3']);
  });

  test('there is an end to ends, too: twice as many', async () => {
    await begin(ALERTING);
    scenario.push(monitors(6));
    await scenario.until('5s');
    scenario.answers.set('team/slack/0', () => AWAY);
    scenario.push([], monitors(6));
    await scenario.until('2m');
    limitTo(2);
    await scenario.tick();
    expect(listDeliveries(scenario.database, { limit: 100, status: 'pending' })).toHaveLength(4);
  });

  test('an incident learns that its message was given up, and asks whoever is next', async () => {
    await begin(config('[{ notify: [{ user: ben }], wait: 30m }, { notify: [{ receiver: chat }], wait: 30m }]'));
    scenario.answers.set('ben-mail/slack/0', () => AWAY);
    scenario.push(monitors(1));
    await scenario.until('10s');
    limitTo(0);
    await scenario.tick();
    scenario.maxPending = undefined;
    scenario.restart();
    await scenario.until('20s');
    expect(timeline(scenario)).toContain('refused: ben by ben-mail (slack): outbox_full: Too many notifications wait.');
    expect(kinds(scenario).slice(-3)).toEqual(['unreachable', 'passed_over', 'asked']);
  });
});
