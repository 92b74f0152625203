import type { RuleGroup } from '@tocsin/service/config';
import type { AlertTest, RuleTest } from '@tocsin/service/rule-tests';
import { isDeepStrictEqual } from 'node:util';
import type { LabelSet } from '../../alert.ts';
import type { Expression } from '../../rules/expression.ts';
import { openDatabase } from '../../store/database.ts';
import { askGroup } from '../ask.ts';
import { createPlay, nameOf, type Play } from '../play.ts';
import { timelineOf } from '../timeline.ts';
import type { TestWorld } from './world.ts';

/** A Monday, so that a rule about weekdays finds one. */
const DEFAULT_START_MS = Date.parse('2026-01-05T00:00:00Z');

/** What tests run with. */
export interface TestStage {
  readonly groups: readonly RuleGroup[];
  readonly evaluationIntervalMs: number | undefined;
  readonly world: TestWorld;
  readonly expression: Expression;
}

/** An alert as a test sees it. */
export interface SeenAlert {
  readonly labels: LabelSet;
  readonly annotations: LabelSet;
}

/** What a test did not find, or found too much. */
export interface TestFailure {
  readonly alertname: string;
  readonly evalTimeMs: number;
  readonly expected: readonly SeenAlert[];
  readonly got: readonly SeenAlert[];
  /** What else went wrong, in words. */
  readonly note?: string;
}

/**
 * Plays the rules over the rows of one test and compares the alerts that fire after the last evaluation up to each `eval_time`. Groups are evaluated
 * at the test's start and every interval after it. Annotations count where the test names them. Source: Prometheus documentation, "Unit Testing for Rules".
 * @throws SeriesError and Error where the rows of the test cannot be written
 */
export async function runTest(test: RuleTest, stage: TestStage): Promise<readonly TestFailure[]> {
  const { groups, evaluationIntervalMs, world, expression } = stage;
  const startMs = test.startMs ?? DEFAULT_START_MS;
  await world.clear();
  await world.writeSeries(test.series, startMs, test.intervalMs);
  await world.writeRows(test.rows, startMs);

  const database = openDatabase(':memory:');
  try {
    const sink = { putAlerts: () => {} };
    const play = createPlay({ groups, database, sink, externalUrl: test.externalUrl, startMs });
    const wanted = test.alerts.toSorted((a, b) => a.evalTimeMs - b.evalTimeMs);
    const endMs = startMs + Math.max(...wanted.map(({ evalTimeMs }) => evalTimeMs));
    const failures: TestFailure[] = [];
    const broken = new Map<string, string>();
    let at = 0;
    const judgeBefore = (timeMs: number): void => {
      for (; at < wanted.length; at += 1) {
        const one = wanted[at];
        if (!one || startMs + one.evalTimeMs >= timeMs) return;
        const failure = judge(one, play, broken.get(one.alertname));
        if (failure) failures.push(failure);
      }
    };
    for (const { timeMs, group } of timelineOf(groups, startMs, endMs, {
      stepMs: evaluationIntervalMs,
      alignMs: startMs,
    })) {
      judgeBefore(timeMs);
      const runs = groups[group];
      if (!runs) continue;
      for (const { alert } of runs.rules) broken.delete(alert);
      for (const { rule, message } of play.step(
        group,
        timeMs,
        await askGroup(runs, timeMs, expression, test.externalUrl),
      ))
        broken.set(rule, message);
    }
    judgeBefore(Number.POSITIVE_INFINITY);
    return failures;
  } finally {
    database.close();
  }
}

function judge(test: AlertTest, play: Play, trouble: string | undefined): TestFailure | undefined {
  const { alertname, evalTimeMs } = test;
  const slots = play.groups.flatMap(({ rules }) => rules).filter((slot) => nameOf(slot) === alertname);
  const got = slots
    .flatMap(({ alerts }) => [...alerts.values()])
    .filter(({ firedAtMs }) => firedAtMs !== undefined)
    .map(({ labels, annotations }) => ({ labels, annotations }));
  const expected = test.expected.map(({ labels, annotations = {} }) => ({
    labels: { ...labels, alertname },
    annotations,
  }));
  const failure = { alertname, evalTimeMs, expected, got };
  if (slots.length === 0) return { ...failure, note: 'no rule of the rule files has this name' };
  if (trouble !== undefined) return { ...failure, note: `the rule could not be evaluated: ${trouble}` };
  return agree(test, got) ? undefined : failure;
}

/** Each alert that was expected is there once, and no other is. */
function agree({ alertname, expected }: AlertTest, got: readonly SeenAlert[]): boolean {
  const left = [...got];
  for (const { labels, annotations } of expected) {
    const wanted = { ...labels, alertname };
    const at = left.findIndex(
      (one) =>
        isDeepStrictEqual(one.labels, wanted) &&
        (annotations === undefined || isDeepStrictEqual(one.annotations, annotations)),
    );
    if (at === -1) return false;
    left.splice(at, 1);
  }
  return left.length === 0;
}
