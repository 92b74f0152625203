import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LabelSet } from '../../src/alert.ts';
import { listDeliveries } from '../../src/outbox/delivery-log.ts';
import { Scenario } from '../notify/scenario.ts';
import { Killed, Mortal } from './mortal.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-kill-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const ALERTING = `
  route: { receiver: team, group_by: [alertname], group_wait: 10s, group_interval: 1m, repeat_interval: 1h }
  receivers:
    - name: team
      email_configs: [{ to: a@example.com, from: t@example.com, smarthost: "127.0.0.1:25" }]
      slack_configs: [{ api_url: "http://127.0.0.1:1/hook" }]
      webhook_configs: [{ url: "http://127.0.0.1:1/hook" }]
`;
const a = { alertname: 'Down', monitor: 'a' };
const b = { alertname: 'Down', monitor: 'b' };

interface Outcome {
  readonly diedAt: string;
  /** Per channel: id and title of what arrived, in order. */
  readonly arrived: Map<string, string[]>;
  /** What had no confirmation on disk when the process died. */
  readonly unconfirmed: ReadonlySet<string>;
}

/** Plays fire, join, resolve; the process dies at step `dieAt` and is started again. */
async function play(dieAt: number): Promise<Outcome> {
  const mortal = new Mortal(dieAt);
  const arrived = new Map<string, string[]>();
  const scenario = await Scenario.begin(ALERTING, join(folder, `${dieAt}.sqlite`), (database) =>
    mortal.dead ? database : mortal.wrap(database),
  );
  for (const channel of ['team/email/0', 'team/slack/0', 'team/webhook/0']) {
    const list: string[] = [];
    arrived.set(channel, list);
    scenario.answers.set(channel, ({ id, firingCount, resolvedCount }) => {
      if (!mortal.dead && !mortal.step('before a send')) return { status: 'ok' };
      if (mortal.diedAt !== '' && !revived) return { status: 'ok' };
      list.push(`${id}: ${firingCount} firing, ${resolvedCount} resolved`);
      if (!mortal.dead) mortal.step('after a send');
      return { status: 'ok' };
    });
  }
  const unconfirmed = new Set<string>();
  let revived = false;
  mortal.armed = true;
  /** What the rules do again when they were killed: their state is in the same transaction. */
  const survive = async (act: () => void | Promise<unknown>): Promise<void> => {
    try {
      await act();
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
    if (!mortal.dead || revived) return;
    revived = true;
    scenario.restart();
    for (const { id } of listDeliveries(scenario.database, { limit: 100, status: 'pending' })) unconfirmed.add(id);
    await act();
  };
  const says: [until: string, firing: LabelSet[], resolved: LabelSet[]][] = [
    ['15s', [a], []],
    ['2m', [a, b], []],
    ['4m', [], [a, b]],
  ];
  for (const [until, firing, resolved] of says) {
    await survive(() => scenario.push(firing, resolved));
    await survive(() => scenario.until(until, 5_000));
  }
  await scenario.end();
  return { diedAt: mortal.diedAt, arrived, unconfirmed };
}

const meaning = (line: string): string => line.replace(/^\w+: /, '');

test('killed at every step in turn, every message arrives, in order, and twice only where its confirmation was lost', async () => {
  const expected = ['1 firing, 0 resolved', '2 firing, 0 resolved', '0 firing, 2 resolved'];
  const seen = new Map<string, number>();
  for (let dieAt = 1; ; dieAt += 1) {
    const { diedAt, arrived, unconfirmed } = await play(dieAt);
    for (const [channel, lines] of arrived) {
      const once = lines.filter((line, at) => lines.indexOf(line) === at);
      expect(once.map(meaning), `${channel}, killed at step ${dieAt}, ${diedAt}`).toEqual(expected);
      const twice = lines.filter((line, at) => lines.indexOf(line) !== at).map((line) => line.split(':')[0]);
      expect([...unconfirmed], `killed at step ${dieAt}, ${diedAt}`).toEqual(expect.arrayContaining(twice));
      expect(twice.length).toBeLessThanOrEqual(1);
    }
    if (diedAt === '') break;
    seen.set(diedAt, (seen.get(diedAt) ?? 0) + 1);
  }
  expect([...seen.keys()].sort()).toEqual([
    'after a send',
    'after a transaction',
    'before a send',
    'before a transaction',
  ]);
  expect(seen.get('after a send')).toBe(9);
}, 120_000);

const STORM = `
  max_messages_per_minute: 1
  route: { receiver: team, group_by: [alertname], group_wait: 10s, group_interval: 10m, repeat_interval: 1h }
  receivers:
    - name: team
      slack_configs: [{ api_url: "http://127.0.0.1:1/hook" }]
`;
const storm = ['A', 'B', 'C', 'D'].map((alertname) => ({ alertname }));

/** Plays a storm of four groups for one place in the minute; the process dies at step `dieAt`. @returns where, and what arrived */
async function playStorm(dieAt: number): Promise<{ diedAt: string; arrived: string[]; unconfirmed: Set<string> }> {
  const mortal = new Mortal(dieAt);
  const arrived: string[] = [];
  const unconfirmed = new Set<string>();
  const scenario = await Scenario.begin(STORM, join(folder, `storm-${dieAt}.sqlite`), (database) =>
    mortal.dead ? database : mortal.wrap(database),
  );
  let isRevived = false;
  scenario.answers.set('team/slack/0', ({ id, firing }) => {
    if (!mortal.dead && !mortal.step('before a send')) return { status: 'ok' };
    if (mortal.dead && !isRevived) return { status: 'ok' };
    for (const { labels } of firing) arrived.push(`${id} ${labels['alertname']}`);
    if (!mortal.dead) mortal.step('after a send');
    return { status: 'ok' };
  });
  mortal.armed = true;
  const acts: (() => void | Promise<unknown>)[] = [() => scenario.push(storm), () => scenario.until('4m', 5_000)];
  for (const act of acts) {
    try {
      await act();
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
    if (!mortal.dead || isRevived) continue;
    isRevived = true;
    scenario.restart();
    for (const { id } of listDeliveries(scenario.database, { limit: 100, status: 'pending' })) unconfirmed.add(id);
    await act();
  }
  await scenario.end();
  return { diedAt: mortal.diedAt, arrived, unconfirmed };
}

test('killed at every step of a digest in turn, every group is told, and twice only where the confirmation was lost', async () => {
  for (let dieAt = 1; ; dieAt += 1) {
    const { diedAt, arrived, unconfirmed } = await playStorm(dieAt);
    const groups = arrived.map((line) => line.split(' ')[1]);
    expect(new Set(groups), `killed at step ${dieAt}, ${diedAt}`).toEqual(new Set(['A', 'B', 'C', 'D']));
    const twice = arrived.filter((line, at) => arrived.indexOf(line) !== at).map((line) => line.split(' ')[0]);
    expect([...unconfirmed]).toEqual(expect.arrayContaining(twice));
    expect(groups.length - twice.length).toBe(4);
    if (diedAt === '') break;
    expect(dieAt).toBeLessThan(100);
  }
}, 120_000);

/** Plays the same storm at a tracker, from its beginning to its end. @returns where it died, what is open in the end, and what was open at its worst */
async function playTracker(dieAt: number): Promise<{ diedAt: string; open: Set<string>; told: Set<string> }> {
  const mortal = new Mortal(dieAt);
  const open = new Set<string>();
  const told = new Set<string>();
  const text = STORM.replace(
    'slack_configs: [{ api_url: "http://127.0.0.1:1/hook" }]',
    'pagerduty_configs: [{ routing_key: a }]',
  );
  const scenario = await Scenario.begin(
    text.replace('group_interval: 10m', 'group_interval: 1m'),
    join(folder, `tracker-${dieAt}.sqlite`),
    (database) => (mortal.dead ? database : mortal.wrap(database)),
  );
  let isRevived = false;
  scenario.answers.set('team/pagerduty/0', ({ groupKey, status, firing }) => {
    if (!mortal.dead && !mortal.step('before a send')) return { status: 'ok' };
    if (mortal.dead && !isRevived) return { status: 'ok' };
    if (status === 'resolved') open.delete(groupKey);
    else open.add(groupKey);
    for (const { labels } of firing) told.add(labels['alertname'] ?? '');
    if (!mortal.dead) mortal.step('after a send');
    return { status: 'ok' };
  });
  mortal.armed = true;
  const acts: (() => void | Promise<unknown>)[] = [
    () => scenario.push(storm),
    () => scenario.until('2m', 5_000),
    () => scenario.push([], storm.slice(0, 3)),
    () => scenario.until('4m', 5_000),
    () => scenario.push([], storm.slice(3)),
    () => scenario.until('6m', 5_000),
  ];
  for (const act of acts) {
    try {
      await act();
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
    if (!mortal.dead || isRevived) continue;
    isRevived = true;
    scenario.restart();
    await act();
  }
  await scenario.end();
  return { diedAt: mortal.diedAt, open, told };
}

test('killed at every step of a digest at a tracker in turn, every group is told, and nothing is left open', async () => {
  for (let dieAt = 1; ; dieAt += 1) {
    const { diedAt, open, told } = await playTracker(dieAt);
    expect(told, `killed at step ${dieAt}, ${diedAt}`).toEqual(new Set(['A', 'B', 'C', 'D']));
    expect(open, `killed at step ${dieAt}, ${diedAt}`).toEqual(new Set());
    if (diedAt === '') break;
    expect(dieAt).toBeLessThan(200);
  }
}, 120_000);
