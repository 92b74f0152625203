import type { RuleGroup } from '@tocsin/service/config';
import { silentLogger } from '@tocsin/service/log';
import { expect, test } from 'vitest';
import { createAlertStore } from '../../src/notify/alert-store.ts';
import { createRuleEngine, type RuleEngine } from '../../src/rules/engine.ts';
import type { Expression, ExpressionResult } from '../../src/rules/expression.ts';
import { openDatabase } from '../../src/store/database.ts';
import { group, sample } from './scenario.ts';

const SEEDS = 20;
const STEPS = 80;
const STEP_MS = 10_000;
const HOSTS = [{ host: 'a' }, { host: 'b' }, { host: 'c' }];
const NAMES = ['r0', 'r1', 'r2', 'r3', 'r4', 'r5'];

/** Numbers that are the same for the same seed (mulberry32). */
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From 0 up to, and without, `end`. */
  below(end: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * end);
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item;
  }

  chance(part: number): boolean {
    return this.below(1_000) < part * 1_000;
  }
}

/** Groups of rules, some of which raise alerts of equal labels, with every setting there is. */
function rollGroups(dice: Dice): RuleGroup[] {
  return ['g0', 'g1', 'g2'].map((name, at) =>
    group({
      name,
      file: dice.pick(['a.yaml', 'b.yaml']),
      intervalMs: dice.pick([STEP_MS, 2 * STEP_MS]),
      limit: dice.pick([0, 0, 0, 2]),
      rules: NAMES.slice(at * 2, at * 2 + 2)
        .filter(() => dice.chance(0.85))
        .map((sql) => ({
          alert: dice.pick([sql, 'Shared']),
          sql,
          forMs: dice.pick([0, 0, 3 * STEP_MS]),
          keepFiringForMs: dice.pick([0, 0, 4 * STEP_MS]),
          noData: dice.pick(['ok', 'ok', 'keep', 'alert']),
        })),
    }),
  );
}

function rollAnswer(dice: Dice): ExpressionResult {
  if (dice.chance(0.25)) {
    const reason = dice.pick(['unreachable', 'unreachable', 'query_error', 'schema_missing'] as const);
    return { status: 'failed', reason, message: 'as the dice fell' };
  }
  const there = HOSTS.filter(() => dice.chance(0.8));
  const samples = there.filter(() => dice.chance(0.4)).map((labels) => sample(labels, dice.below(10)));
  const quiet = there.filter((labels) => !samples.some((one) => one.labels === labels));
  return { status: 'ok', samples, quiet: dice.chance(0.95) ? quiet : undefined };
}

/** Plays one sequence of answers, failures, reloads, restarts and clocks that are set back, and then lets everything be well. */
async function play(seed: number): Promise<void> {
  const dice = new Dice(seed);
  const database = openDatabase(':memory:');
  const sink = createAlertStore(database, () => undefined);
  const answers = new Map<string, ExpressionResult>();
  const expression: Expression = {
    evaluate: (sql) => Promise.resolve(answers.get(sql) ?? { status: 'ok', samples: [], quiet: [] }),
    stop: () => Promise.resolve(),
  };
  const start = (): RuleEngine =>
    createRuleEngine({ expression, sink, database, log: silentLogger(), externalUrl: 'http://console' });
  let nowMs = 1_800_000_000_000;
  let engine = start();
  let groups = rollGroups(dice);
  engine.apply(groups, nowMs);
  const tick = async (): Promise<void> => {
    nowMs += STEP_MS;
    engine.tick(nowMs);
    await engine.idle();
    const held = column(
      database,
      'SELECT DISTINCT fingerprint FROM rule_alerts WHERE fired_at_ms IS NOT NULL ORDER BY 1',
    );
    const told = column(database, 'SELECT fingerprint FROM alerts WHERE ends_at_ms IS NULL ORDER BY 1');
    expect(told, `seed ${seed}: what fires for the rules is what the store says fires`).toEqual(held);
  };

  for (let step = 0; step < STEPS; step += 1) {
    for (const name of NAMES) if (dice.chance(0.3)) answers.set(name, rollAnswer(dice));
    if (dice.chance(0.05)) {
      nowMs += dice.pick([0, STEP_MS, 30 * STEP_MS, 5_000_000, 90_000_000]);
      engine = start();
      engine.apply(groups, nowMs);
    }
    if (dice.chance(0.05)) {
      groups = rollGroups(dice);
      engine.apply(groups, nowMs);
    }
    if (dice.chance(0.01)) nowMs -= 600_000;
    await tick();
  }
  // Either everything is well in the end, or nobody asks any more.
  const isWell = seed % 3 !== 0;
  const last: ExpressionResult = isWell
    ? { status: 'ok', samples: [], quiet: HOSTS }
    : { status: 'failed', reason: 'unreachable', message: 'refused' };
  for (const name of NAMES) answers.set(name, last);
  // A clock that was set back has to come to where alerts were last told.
  if (isWell) nowMs += 7 * 86_400_000;
  for (let step = 0; step < 20; step += 1) await tick();
  if (!isWell) engine.apply([], nowMs);
  expect(sink.countFiring(nowMs), `seed ${seed}: nothing fires once everything is well, or no rule is left`).toBe(0);
  database.close();
}

function column(database: ReturnType<typeof openDatabase>, sql: string): unknown[] {
  return database
    .prepare(sql)
    .all()
    .map((row) => row['fingerprint']);
}

test('whatever rules, failures, reloads, restarts and clocks do, no alert is left without its end', async () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) await play(seed);
});
