import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LabelSet } from '../../src/alert.ts';
import { Scenario } from '../notify/scenario.ts';
import { config, USUAL } from './desk-scenario.ts';

const ALERTS: readonly LabelSet[] = [
  { alertname: 'Down', monitor: 'shop', severity: 'page' },
  { alertname: 'Down', monitor: 'api', severity: 'ticket' },
  { alertname: 'Slow', monitor: 'shop', severity: 'ticket' },
  { alertname: 'Slow', monitor: 'api', severity: 'critical' },
];
/** All have the same people; who is asked when, and of which groups, differs. */
const CONFIGS: readonly string[] = [
  USUAL,
  USUAL.replace('[alertname]', '[monitor]'),
  USUAL.replace(', escalation: default', ''),
  config('[{ notify: [{ schedule: nights }], wait: 1m }, { notify: [{ user: mute }] }]'),
  config('[{ notify: [{ user: ana }, { receiver: chat }], wait: 2m, severity: [ticket] }]'),
  config(
    "[{ notify: [{ user: ben }], wait: 10s, hours: [{ from: '10:00', to: '12:00' }] }, { notify: [{ user: ana }] }]",
  ),
];
const HOUR_MS = 3_600_000;

/** A generator of numbers below 1 that says the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Every open incident knows what comes next, and not too far ahead. */
function expectPlans(scenario: Scenario, seed: number): void {
  for (const incident of scenario.notifier.oncall.incidents.open()) {
    const where = `seed ${seed}: ${JSON.stringify({ ...incident, alerts: [], told: [] })}`;
    if (incident.status === 'muted') expect(incident.firing.size, where).toBe(0);
    else expect(incident.nextStepAtMs, where).toBeLessThanOrEqual(scenario.nowMs + HOUR_MS);
  }
}

async function play(seed: number, path: string): Promise<number> {
  const random = randomOf(seed);
  const one = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;
  const scenario = await Scenario.begin(USUAL, path);
  const firing = new Set<LabelSet>();
  const desk = () => scenario.notifier.oncall.desk;
  const anyIncident = (): string => `i${1 + Math.floor(random() * 6)}`;
  const acts: readonly (() => void | Promise<void>)[] = [
    () => void scenario.push([...firing.add(one(ALERTS))]),
    () => void scenario.push([...firing.add(one(ALERTS))]),
    () => {
      const over = one(ALERTS);
      if (firing.delete(over)) scenario.push([...firing], [over]);
    },
    () => {
      scenario.push([], [...firing]);
      firing.clear();
    },
    () => void desk().acknowledge(anyIncident(), one(['ana', 'ben', 'carl']), scenario.nowMs),
    () => void desk().unacknowledge(anyIncident(), 'ana', scenario.nowMs),
    () => void desk().note(anyIncident(), 'ana', 'looking', scenario.nowMs),
    () => scenario.restart(),
    () => scenario.reload(one(CONFIGS)),
    () => void scenario.silence([`monitor="${one(['shop', 'api'])}"`], one(['2m', '40m'])),
    () => {
      const down = one(['ana-mail', 'ana-phone', 'ben-mail', 'chat']);
      scenario.answers.set(`${down}/slack/0`, () => ({ status: 'retryable', reason: 'timeout', detail: 'down' }));
    },
    () => {
      const gone = one(['ana-mail', 'ana-phone', 'ben-mail', 'chat']);
      scenario.answers.set(`${gone}/slack/0`, () => ({ status: 'failed', reason: 'rejected', detail: 'gone' }));
    },
    () => scenario.answers.clear(),
    () => void (scenario.nowMs -= one([5_000, 600_000, 5 * HOUR_MS])),
    () => void (scenario.nowMs += one([600_000, 7 * HOUR_MS])),
  ];
  let latestMs = 0;
  for (let turn = 0; turn < 60; turn += 1) {
    latestMs = Math.max(latestMs, scenario.nowMs);
    await one(acts)();
    const seconds = one([0, 1, 30, 61, 400]);
    for (let passed = 0; passed <= seconds; passed += 10, scenario.nowMs += 10_000) await scenario.tick();
    expectPlans(scenario, seed);
  }
  scenario.answers.clear();
  // An end before the beginning, by a clock that was set back, ends nothing.
  scenario.nowMs = latestMs + 8 * HOUR_MS;
  await scenario.reload(USUAL);
  scenario.push([], [...ALERTS]);
  const overAtMs = scenario.nowMs;
  for (
    let minute = 0;
    minute < 36 * 60;
    minute += minute < 120 ? 1 : 10, scenario.nowMs += 60_000 * (minute < 120 ? 1 : 10)
  )
    await scenario.tick();

  const { incidents } = scenario.notifier.oncall;
  expect(incidents.countOpen(), `seed ${seed}: open`).toBe(0);
  const late = scenario.notifications.filter(
    ({ escalation, createdAtMs }) => escalation?.what === 'step' && createdAtMs >= overAtMs,
  );
  expect(late, `seed ${seed}: asked though all is over`).toEqual([]);
  const last = new Map<string, string>();
  for (const [at, { escalation }] of scenario.notifications.entries()) {
    const key = `${escalation?.incidentId} ${scenario.arrivals[at]?.to}`;
    // Of two people by one channel each has a lane; the end reaches both.
    last.set(key, escalation?.what ?? '');
  }
  for (const [key, what] of last)
    expect(['resolved', 'not_followed'], `seed ${seed}: ${key} believes ${what}`).toContain(what);
  await scenario.end();
  return last.size;
}

test('no incident goes on without a next step, and none ends without word to whoever was told, whatever happens in between', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-oncall-'));
  let told = 0;
  for (let seed = 1; seed <= 16; seed += 1) told += await play(seed, join(folder, `${seed}.sqlite`));
  rmSync(folder, { recursive: true });
  expect(told).toBeGreaterThan(40);
});
