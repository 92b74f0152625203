import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DeliveryResult } from '../../src/channels/channel.ts';
import { createOutbox } from '../../src/outbox/outbox.ts';
import { listDeliveries } from '../../src/outbox/delivery-log.ts';
import { Scenario } from '../notify/scenario.ts';

const EMAIL = '{ to: a@example.com, from: t@example.com, smarthost: "127.0.0.1:25" }';
const ALERTING = `
  max_messages_per_minute: 1000
  route: { receiver: team, group_by: [alertname], group_wait: 1s, group_interval: 10s, repeat_interval: 1h }
  receivers:
    - name: team
      email_configs: [${EMAIL}]
      slack_configs: [{ api_url: "http://127.0.0.1:1/hook" }]
`;
const a = { alertname: 'Down', monitor: 'a' };
const b = { alertname: 'Down', monitor: 'b' };
const other = { alertname: 'Slow', monitor: 'a' };
const refused: DeliveryResult = { status: 'retryable', reason: 'connection_failed', detail: 'refused' };

let folder: string;
let scenario: Scenario;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-outbox-'));
  scenario = await Scenario.begin(ALERTING, join(folder, 'alerting.sqlite'));
});
afterEach(async () => {
  await scenario.end();
  rmSync(folder, { recursive: true });
});

const email = () => scenario.arrivals.filter(({ to }) => to === 'team/email/0');
const deliveries = () => listDeliveries(scenario.database, { limit: 100 }).filter(({ channel }) => channel === 'email');

describe('a channel that cannot be reached', () => {
  test('is tried again after pauses that double up to a minute', async () => {
    const tries: number[] = [];
    scenario.answers.set('team/email/0', () => {
      tries.push(scenario.nowMs);
      return refused;
    });
    scenario.push([a]);
    await scenario.until('5m');
    const pauses = tries.slice(1).map((at, index) => (at - (tries[index] ?? 0)) / 1_000);
    expect(pauses.slice(0, 8)).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    expect(deliveries()).toMatchObject([{ status: 'pending', lastReason: 'connection_failed', lastDetail: 'refused' }]);
  });

  test('holds up no other channel', async () => {
    scenario.answers.set('team/email/0', () => refused);
    scenario.push([a]);
    await scenario.until('2s');
    expect(scenario.arrivals).toMatchObject([{ at: '1s', to: 'team/slack/0' }]);
  });

  test('gets one message when it is back: the newest, with everything nobody heard of', async () => {
    let down = true;
    scenario.answers.set('team/email/0', () => (down ? refused : { status: 'ok' }));
    scenario.push([a, b]);
    await scenario.until('5s');
    scenario.push([a], [b]);
    await scenario.until('25s');
    scenario.push([a, { ...a, monitor: 'c' }]);
    await scenario.until('35s');
    down = false;
    await scenario.until('2m');
    expect(email()).toHaveLength(1);
    const last = scenario.notifications.at(-1);
    expect(last?.firing.map(({ labels }) => labels['monitor'])).toEqual(['a', 'c']);
    expect(last?.resolved.map(({ labels }) => labels['monitor'])).toEqual(['b']);
    expect(deliveries().map(({ status }) => status)).toEqual(['delivered', 'superseded', 'superseded']);
    expect(deliveries()[1]?.supersededBy).toBe(last?.id);
  });

  test('is told only of the resolution when all is over by the time it is back', async () => {
    let down = true;
    scenario.answers.set('team/email/0', () => (down ? refused : { status: 'ok' }));
    scenario.push([a]);
    await scenario.until('5s');
    scenario.push([], [a]);
    await scenario.until('20s');
    down = false;
    await scenario.until('5m');
    expect(email().map(({ title }) => title)).toEqual(['[RESOLVED] Down (a)']);
  });

  test('is given up after a day, and that is said', async () => {
    scenario.answers.set('team/email/0', () => refused);
    scenario.push([a]);
    await scenario.until('5s');
    scenario.push([], [a]);
    await scenario.until('15s');
    await scenario.until('25h', 30_000);
    expect(deliveries()[0]).toMatchObject({ status: 'failed', lastReason: 'expired' });
    expect(deliveries()[0]?.lastDetail).toContain('refused');
  });
});

describe('a channel that hangs', () => {
  test('holds up no other channel, however many groups wait for it', async () => {
    const gate = Promise.withResolvers<DeliveryResult>();
    scenario.answers.set('team/email/0', () => gate.promise);
    scenario.push(Array.from({ length: 40 }, (_, index) => ({ alertname: `Down${index}` })));
    scenario.nowMs += 1_000;
    scenario.notifier.tick(scenario.nowMs);
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(scenario.arrivals.filter(({ to }) => to === 'team/slack/0')).toHaveLength(40);
    expect(email()).toEqual([]);
    gate.resolve({ status: 'ok' });
    await scenario.notifier.idle();
    expect(email()).toHaveLength(40);
  });
});

describe('a channel that asks for patience', () => {
  test('is left alone for that long, with all its groups, while other channels go on', async () => {
    const limited: DeliveryResult = {
      status: 'retryable',
      reason: 'rate_limited',
      detail: 'HTTP 429',
      afterMs: 30_000,
    };
    let tries = 0;
    scenario.answers.set('team/email/0', () => ((tries += 1) === 1 ? limited : { status: 'ok' }));
    scenario.push([a]);
    await scenario.until('3s');
    scenario.push([a, other]);
    await scenario.until('30s');
    expect(tries).toBe(1);
    expect(scenario.arrivals.map(({ to }) => to)).toEqual(['team/slack/0', 'team/slack/0']);
    await scenario.until('40s');
    expect(email().map(({ at }) => at)).toEqual(['31s', '31s']);
  });
});

describe('a channel that refuses for good', () => {
  test('is not tried again with the same message, but told again with the next look at the group', async () => {
    let tries = 0;
    scenario.answers.set('team/email/0', () =>
      (tries += 1) === 1 ? { status: 'failed', reason: 'rejected', detail: 'HTTP 404' } : { status: 'ok' },
    );
    scenario.push([a]);
    await scenario.until('1m');
    expect(email().map(({ at, reason }) => `${at} ${reason}`)).toEqual(['11s previous_failed']);
    expect(deliveries().map(({ status, lastDetail }) => [status, lastDetail])).toEqual([
      ['delivered', null],
      ['failed', 'HTTP 404'],
    ]);
  });
});

describe('order', () => {
  test("a 'resolved' waits for the 'firing' that is under way", async () => {
    const gate = Promise.withResolvers<DeliveryResult>();
    scenario.answers.set('team/email/0', ({ status }) => (status === 'firing' ? gate.promise : { status: 'ok' }));
    const tick = (): void => void scenario.notifier.tick(scenario.nowMs);
    scenario.push([a]);
    scenario.nowMs += 1_000;
    tick();
    scenario.push([], [a]);
    for (let second = 0; second < 30; second += 1, scenario.nowMs += 1_000) tick();
    expect(email()).toEqual([]);
    gate.resolve({ status: 'ok' });
    await scenario.notifier.idle();
    await scenario.tick();
    expect(email().map(({ title }) => title)).toEqual(['[FIRING:1] Down (a)', '[RESOLVED] Down (a)']);
  });
});

describe('a restart', () => {
  test('leaves a channel alone that asked for patience, with all its groups', async () => {
    const limited: DeliveryResult = { status: 'retryable', reason: 'rate_limited', detail: '429', afterMs: 60_000 };
    let tries = 0;
    scenario.answers.set('team/email/0', () => ((tries += 1) === 1 ? limited : { status: 'ok' }));
    scenario.push([a]);
    await scenario.until('5s');
    scenario.restart();
    scenario.push([a, other]);
    await scenario.until('59s');
    expect(tries).toBe(1);
    await scenario.until('70s');
    expect(email().map(({ at }) => at)).toEqual(['1m1s', '1m1s']);
  });

  test('goes on with what was not delivered, under the same key', async () => {
    scenario.answers.set('team/email/0', () => refused);
    scenario.push([a]);
    await scenario.until('3s');
    const [before] = deliveries();
    scenario.answers.delete('team/email/0');
    scenario.nowMs += 60_000;
    scenario.restart();
    await scenario.tick();
    expect(scenario.notifications.at(-1)?.id).toBe(before?.id);
    expect(email()).toHaveLength(1);
    await scenario.until('5m');
    expect(email()).toHaveLength(1);
  });

  test('repeats nothing, and the resolution still comes', async () => {
    scenario.push([a]);
    await scenario.until('2s');
    scenario.restart();
    scenario.push([a], [], scenario.nowMs - 1_000);
    await scenario.until('1m');
    expect(email()).toHaveLength(1);
    scenario.restart();
    scenario.push([], [a]);
    await scenario.until('2m');
    expect(email().map(({ title }) => title)).toEqual(['[FIRING:1] Down (a)', '[RESOLVED] Down (a)']);
  });
});

describe('another configuration', () => {
  test('drops what waits for a channel that is gone, and says so', async () => {
    scenario.answers.set('team/email/0', () => refused);
    scenario.push([a]);
    await scenario.until('3s');
    await scenario.reload(ALERTING.replace(`email_configs: [${EMAIL}]`, ''));
    expect(deliveries()).toMatchObject([{ status: 'failed', lastReason: 'channel_removed' }]);
  });

  test('tries what waits at once: it may be mended', async () => {
    scenario.answers.set('team/email/0', () => refused);
    scenario.push([a]);
    await scenario.until('3m');
    scenario.answers.delete('team/email/0');
    await scenario.reload(ALERTING);
    await scenario.tick();
    expect(email()).toHaveLength(1);
  });

  test('moves alerts to the groups it makes, tells what is new there and repeats nothing elsewhere', async () => {
    scenario.push([a, other]);
    await scenario.until('5s');
    await scenario.reload(
      ALERTING.replace('repeat_interval: 1h', `repeat_interval: 1h, routes: [{ matchers: ['alertname="Slow"'] }]`),
    );
    const before = scenario.arrivals.length;
    await scenario.until('1m');
    expect(scenario.arrivals.slice(before).filter(({ to }) => to === 'team/email/0')).toMatchObject([
      { title: '[FIRING:1] Slow (a)', reason: 'first_notification' },
    ]);
  });
});

describe('the books', () => {
  test('keep finished deliveries for seven days and resolved alerts for fifteen minutes', async () => {
    scenario.push([a]);
    await scenario.until('2s');
    scenario.push([], [a]);
    await scenario.until('15s');
    const alerts = () => Number(scenario.database.prepare('SELECT count(*) AS n FROM alerts').get()?.['n']);
    expect([alerts(), deliveries().length]).toEqual([1, 2]);
    scenario.nowMs += 16 * 60_000;
    await scenario.tick();
    expect([alerts(), deliveries().length]).toEqual([0, 2]);
    scenario.nowMs += 7 * 86_400_000;
    await scenario.tick();
    expect(deliveries()).toEqual([]);
  });

  test('a delivery whose confirmation cannot be stored is not sent again, it is stored later', async () => {
    let locked = false;
    const alerting = ALERTING.replace(/ +slack_configs.*\n/, '');
    const flaky = await Scenario.begin(alerting, join(folder, 'flaky.sqlite'), (database) => ({
      ...database,
      transaction: (work) => {
        if (locked) throw new Error('disk full');
        return database.transaction(work);
      },
    }));
    flaky.answers.set('team/email/0', () => {
      locked = true;
      return { status: 'ok' };
    });
    await flaky.tick();
    flaky.push([a]);
    flaky.nowMs += 1_000;
    await flaky.tick();
    locked = false;
    flaky.nowMs += 1_000;
    await flaky.tick();
    expect(flaky.arrivals.filter(({ to }) => to === 'team/email/0')).toHaveLength(1);
    const rows = listDeliveries(flaky.database, { limit: 10 });
    expect(rows.map(({ status }) => status)).toEqual(['delivered']);
    await flaky.end();
  });
});

describe('too many notifications that wait', () => {
  test('are cut down from the oldest on; what was given up is told again', async () => {
    scenario.answers.set('team/email/0', () => refused);
    scenario.push([a]);
    await scenario.until('2s');
    scenario.push([a, other]);
    await scenario.until('4s');
    expect(createOutbox(scenario.database).countPending()).toBe(2);
    scenario.maxPending = 1;
    scenario.restart();
    await scenario.tick();
    expect(createOutbox(scenario.database).countPending()).toBe(1);
    expect(deliveries().map(({ status, lastReason }) => [status, lastReason])).toEqual([
      ['pending', 'connection_failed'],
      ['failed', 'outbox_full'],
    ]);
    scenario.answers.delete('team/email/0');
    await scenario.until('2m');
    expect(new Set(email().map(({ title }) => title))).toEqual(new Set(['[FIRING:1] Slow (a)', '[FIRING:1] Down (a)']));
  });
});
