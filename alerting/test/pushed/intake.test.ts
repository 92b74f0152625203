import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPushIntake, type PushIntake } from '../../src/pushed/intake.ts';
import { Scenario, START_MS } from '../notify/scenario.ts';

let scenario: Scenario;
let intake: PushIntake;
let counted: Record<string, number>;
let commits: number;
beforeEach(async () => {
  commits = 0;
  counted = {};
  scenario = await Scenario.begin('\n  receivers: []\n', ':memory:', (database) => ({
    ...database,
    transaction(work) {
      commits += 1;
      return database.transaction(work);
    },
  }));
  commits = 0;
  const count = (what: string) => {
    counted[what] = (counted[what] ?? 0) + 1;
  };
  intake = createPushIntake({
    database: scenario.database,
    alerts: scenario.notifier.alerts,
    telemetry: { pushed: count, refused: count },
    limits: () => ({ resolveTimeoutMs: 300_000, maxPushedAlerts: 3_000 }),
    now: () => scenario.nowMs,
  });
});
afterEach(() => scenario.end());

const alert = (name: string, endsAtMs?: number) => ({
  labels: { alertname: name },
  annotations: {},
  startsAtMs: undefined,
  endsAtMs,
  generatorUrl: '',
});

test('requests that arrive together are one commit, and each alert is counted by what became of it', async () => {
  scenario.push([{ alertname: 'Own' }]);
  commits = 0;
  const results = await Promise.all([
    intake.push([alert('A'), alert(''), alert('Own')]),
    intake.push([alert('B'), alert('Gone', START_MS - 1)]),
    intake.push([]),
  ]);
  expect(commits).toBe(1);
  expect(results).toEqual([
    { status: 'done', complaints: ['alerts[1]: expected at least one label with a value'], full: 0 },
    { status: 'done', complaints: [], full: 0 },
    { status: 'done', complaints: [], full: 0 },
  ]);
  expect(counted).toEqual({ stored: 2, invalid: 1, owned_by_rule: 1, nothing_to_resolve: 1 });
  expect(intake.countActive(scenario.nowMs)).toBe(2);
  expect(intake.countActive(scenario.nowMs + 300_000)).toBe(0);
});

test('a thousand requests wait, the next is told to come back, and nothing of it is stored', async () => {
  const waiting = Array.from({ length: 1_000 }, (_, index) => intake.push([alert(`A${index}`)]));
  expect(await intake.push([alert('Late')])).toEqual({ status: 'busy' });
  expect(counted).toEqual({ busy: 1 });
  expect(await Promise.all(waiting)).toHaveLength(1_000);
  expect(intake.countActive(scenario.nowMs)).toBe(1_000);
  expect((await intake.push([alert('Late')])).status).toBe('done');
});

test('a flood is cut into commits, so that other work gets its turn between them', async () => {
  const many = (name: string) => Array.from({ length: 900 }, (_, index) => alert(`${name}${index}`));
  let turns = 0;
  const turn = () => {
    turns += 1;
    if (turns < 100) setImmediate(turn);
  };
  const pushed = ['a', 'b', 'c', 'd'].map((name) => intake.push(many(name)));
  setImmediate(turn);
  const [first] = await Promise.all([pushed[0], pushed[1]]);
  const turnsThen = turns;
  const last = await pushed[3];
  expect([first?.status, last]).toEqual(['done', { status: 'done', complaints: [], full: 600 }]);
  expect(turns).toBeGreaterThan(turnsThen);
  expect(intake.countActive(scenario.nowMs)).toBe(3_000);
});

test('one request of a flood is cut as well, and names a hundred of its mistakes', async () => {
  let turns = 0;
  const turn = () => {
    turns += 1;
    if (turns < 1_000) setImmediate(turn);
  };
  setImmediate(turn);
  const entries = Array.from({ length: 5_000 }, (_, index) => alert(index % 2 === 0 ? `A${index}` : ''));
  const [result, after] = await Promise.all([intake.push(entries), intake.push([alert('After')])]);
  expect(commits).toBe(6);
  expect(turns).toBeGreaterThan(3);
  if (result.status !== 'done') throw new Error(result.status);
  expect(result.complaints).toHaveLength(101);
  expect(result.complaints[0]).toBe('alerts[1]: expected at least one label with a value');
  expect(result.complaints.at(-2)).toMatch(/^alerts\[199\]/);
  expect(result.complaints.at(-1)).toBe('and 2400 more');
  expect(after).toEqual({ status: 'done', complaints: [], full: 0 });
  expect(intake.countActive(scenario.nowMs)).toBe(2_501);
});
