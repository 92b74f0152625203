import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DeliveryResult } from '../../src/channels/channel.ts';
import { listDeliveries } from '../../src/outbox/delivery-log.ts';
import { Scenario } from '../notify/scenario.ts';

const ALERTING = `
  route: { receiver: team, group_by: [monitor], group_wait: 10s, group_interval: 20s, repeat_interval: 4h }
  receivers:
    - name: team
      pagerduty_configs: [{ routing_key: abc }]
      opsgenie_configs: [{ api_key: abc }]
`;
const PAGER = 'team/pagerduty/0';
const REFUSED: DeliveryResult = { status: 'failed', reason: 'rejected', detail: 'no' };
const AWAY: DeliveryResult = { status: 'retryable', reason: 'connection_failed', detail: 'refused' };
const monitors = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ alertname: 'MonitorDown', monitor: `m${at}`, severity: 'page' }));

let folder: string;
let scenario: Scenario;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-trackers-'));
  scenario = await Scenario.begin(ALERTING, join(folder, 'alerting.sqlite'));
});
afterEach(async () => {
  await scenario.end();
  rmSync(folder, { recursive: true });
});

/** What such a service has open, by the key under which it finds an incident again; `created` counts those that woke somebody. */
function incidentsAt(channel: string): { readonly open: Set<string>; readonly created: number; readonly sent: number } {
  const open = new Set<string>();
  let created = 0;
  let sent = 0;
  for (const [at, { groupKey, status }] of scenario.notifications.entries()) {
    if (scenario.arrivals[at]?.to !== channel) continue;
    sent += 1;
    if (status === 'resolved') open.delete(groupKey);
    else if (!open.has(groupKey)) {
      open.add(groupKey);
      created += 1;
    }
  }
  return { open, created, sent };
}
const untold = () =>
  listDeliveries(scenario.database, { limit: 50_000 }).filter(({ status }) => status !== 'delivered').length;

describe('3,000 monitors that fail within ten seconds, at PagerDuty and Opsgenie', () => {
  test('are a handful of incidents, and all of them end', async () => {
    const all = monitors(3_000);
    for (let second = 0; second < 10; second += 1) {
      scenario.push(all.slice(second * 300, second * 300 + 300));
      await scenario.until(`${second + 1}s`);
    }
    await scenario.until('4m', 5_000);
    for (const channel of [PAGER, 'team/opsgenie/0']) {
      const { created } = incidentsAt(channel);
      expect(created).toBeGreaterThan(1);
      expect(created).toBeLessThanOrEqual(10);
    }
    expect(untold()).toBe(0);
    scenario.push([], all.slice(0, 2_999));
    await scenario.until('10m', 5_000);
    expect(incidentsAt(PAGER).open.size).toBe(1);
    scenario.push([], all.slice(2_999));
    await scenario.until('15m', 5_000);
    for (const channel of [PAGER, 'team/opsgenie/0']) {
      const { open, sent } = incidentsAt(channel);
      expect(open.size).toBe(0);
      expect(sent).toBeLessThanOrEqual(30);
    }
    expect(untold()).toBe(0);
  }, 120_000);
});

describe('a digest at a tracker', () => {
  const begin = async (count = 8): Promise<void> => {
    scenario.push(monitors(count));
    await scenario.until('15s');
  };

  test('is one incident for what is beyond the limit, and stays open until the last of its groups is over', async () => {
    await begin();
    expect(incidentsAt(PAGER)).toMatchObject({ created: 5, sent: 5 });
    scenario.push([], monitors(7));
    await scenario.until('2m');
    expect([...incidentsAt(PAGER).open]).toEqual([expect.stringMatching(/^digest\//)]);
    scenario.restart();
    scenario.push([], monitors(8).slice(7));
    await scenario.until('4m');
    expect(incidentsAt(PAGER).open.size).toBe(0);
    expect(untold()).toBe(0);
  });

  test('is brought up to date by a repeat, which wakes nobody', async () => {
    await begin();
    await scenario.until('4h2m', 10_000);
    expect(incidentsAt(PAGER)).toMatchObject({ created: 5 });
    expect(incidentsAt(PAGER).sent).toBeGreaterThan(5);
    expect(untold()).toBe(0);
  });

  test('does not count what follows: an update or an end is sent though the minute is full', async () => {
    await begin();
    scenario.push([{ alertname: 'Slow', monitor: 'm1' }], monitors(1));
    await scenario.until('35s');
    expect(incidentsAt(PAGER)).toMatchObject({ created: 5, sent: 7 });
    expect(incidentsAt(PAGER).open.size).toBe(4);
  });

  test('that is refused leaves nobody untold', async () => {
    let isRefusing = true;
    scenario.answers.set(PAGER, ({ digest }) => (digest && isRefusing ? REFUSED : { status: 'ok' }));
    await begin();
    isRefusing = false;
    await scenario.until('5m');
    expect(incidentsAt(PAGER).open.size).toBeGreaterThanOrEqual(5);
    scenario.push([], monitors(8));
    await scenario.until('10m');
    expect(incidentsAt(PAGER).open.size).toBe(0);
  });

  test('wakes nobody for what was over before it could be delivered', async () => {
    scenario.answers.set(PAGER, ({ digest }) => (digest ? AWAY : { status: 'ok' }));
    await begin();
    scenario.push([], monitors(8));
    await scenario.until('3m');
    scenario.answers.clear();
    await scenario.until('6m');
    expect(incidentsAt(PAGER)).toMatchObject({ created: 4 });
    expect(incidentsAt(PAGER).open.size).toBe(0);
    expect(listDeliveries(scenario.database, { limit: 1_000, status: 'pending' })).toEqual([]);
  });

  test('has its end told though it is refused at first', async () => {
    await begin();
    scenario.answers.set(PAGER, ({ digest }) => (digest ? REFUSED : { status: 'ok' }));
    scenario.push([], monitors(8));
    await scenario.until('3m');
    expect(incidentsAt(PAGER).open.size).toBe(1);
    scenario.answers.clear();
    await scenario.until('20m', 5_000);
    expect(incidentsAt(PAGER).open.size).toBe(0);
  });

  test('ends though nobody spoke of the end of its last group, which was muted', async () => {
    await begin();
    scenario.silence(['alertname="MonitorDown"'], '30m');
    scenario.push([], monitors(8));
    await scenario.until('3h', 30_000);
    expect([...incidentsAt(PAGER).open].filter((lane) => lane.startsWith('digest/'))).toEqual([]);
  });

  test('is not made where trouble comes one by one', async () => {
    for (let at = 0; at < 8; at += 1) {
      scenario.push(monitors(at + 1).slice(-1));
      await scenario.until(`${(at + 1) * 20}s`);
    }
    await scenario.until('4m');
    expect(incidentsAt(PAGER)).toMatchObject({ created: 8 });
    expect(scenario.notifications.every(({ digest }) => digest === undefined)).toBe(true);
  });
});
