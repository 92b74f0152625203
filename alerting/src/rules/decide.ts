import type { LabelSet } from '../alert.ts';
import { fingerprintOf } from '../fingerprint.ts';
import { advance, type Advance, type Held } from './advance.ts';
import { failureSamples, type RuleFailure } from './builtin.ts';
import type { ExpressionResult, Sample } from './expression.ts';
import type { GroupRuntime, OwnSlots, RuleSlot } from './group.ts';
import { lookForSeries, type SeriesMap } from './no-data.ts';
import { toCandidate } from './rule.ts';
import type { QueryResults } from './template-queries.ts';

type Moved = Extract<Advance, { status: 'ok' }>;
type Answer = Extract<ExpressionResult, { status: 'ok' }>;

/** So long a rule may have no answer while it is not said that ClickHouse is away: the other groups may have all of theirs. */
const SILENCE_LIMIT_MS = 300_000;

/** What one evaluation of a group comes to. Slots that are in neither list keep their state. */
export interface Decision {
  readonly moved: readonly {
    readonly slot: RuleSlot;
    readonly to: Moved;
    /** Where the rule minds missing data. */
    readonly series?: SeriesMap | undefined;
    /** Series that were forgotten because there are too many. */
    readonly dropped?: number;
  }[];
  readonly failed: readonly { readonly slot: RuleSlot; readonly failure: RuleFailure }[];
}

/** An evaluation of a group, with what is known beyond it. */
export interface Evaluation {
  readonly group: GroupRuntime;
  readonly own: OwnSlots;
  /** Of the group's rules in their order; where one is missing the rule was not asked. */
  readonly results: readonly ExpressionResult[];
  readonly nowMs: number;
  readonly externalUrl: string;
  /** Whether ClickHouse is away, as all groups have found (`outlook.ts`). */
  readonly isAway: boolean;
  /** Whether rules of other groups wait for ClickHouse's tables. */
  readonly othersLackSchema: boolean;
}

/**
 * Decides what the results of a group's rules mean. Pure.
 *
 * ClickHouse away is said once, by `own.unreachable`, and its tables missing once, by `own.schemaMissing`; about the rules that wait for either nothing is
 * said, and what was said of them before stays. Every other rule that failed is said by the group's rule about its rules.
 */
export function decide(evaluation: Evaluation): Decision {
  const { group, own, results, nowMs, isAway } = evaluation;
  const { moved, failed, step } = createSteps(evaluation);
  for (const [at, slot] of group.rules.entries()) {
    const result = results[at];
    if (result?.status === 'ok') stepRule(slot, group.withoutData[at], result, evaluation, step, failed);
    else if (result) failed.push({ slot, failure: failureOf(slot, nowMs, result.reason, result.message) });
  }
  const lost = failed.find(({ failure }) => failure.reason === 'unreachable')?.failure;
  const bare = failed.find(({ failure }) => failure.reason === 'schema_missing')?.failure;
  if (!isAway) step(own.unreachable, []);
  else if (lost) step(own.unreachable, [{ labels: {}, value: 1, annotations: { error: lost.message } }]);
  // This group was lucky: no reason to believe that it is over, nor for a page.
  else
    step(
      own.unreachable,
      [],
      held(own.unreachable, () => true, nowMs),
    );
  if (bare) step(own.schemaMissing, [{ labels: {}, value: 1, annotations: { error: bare.message } }]);
  else if (!lost && !evaluation.othersLackSchema) step(own.schemaMissing, []);

  // Where nobody is told that ClickHouse is away, a rule that gets no answer for long is told of.
  const isTold = [...own.unreachable.alerts.values()].some(({ firedAtMs }) => firedAtMs !== undefined);
  const waits = ({ failure: { reason, sinceMs } }: { failure: RuleFailure }): boolean =>
    reason === 'schema_missing' ||
    (reason === 'unreachable' && isAway && (isTold || nowMs - sinceMs < SILENCE_LIMIT_MS));
  const waiting = new Set(failed.filter(waits).map(({ failure }) => failure.rule));
  const named = failed.filter((entry) => !waits(entry)).map(({ failure }) => failure);
  step(
    group.failing,
    failureSamples(named),
    held(group.failing, ({ labels }) => waiting.has(labels['rule'] ?? ''), nowMs),
  );
  return { moved, failed };
}

type Step = (
  slot: RuleSlot,
  samples: readonly Sample[],
  held?: Held,
  more?: { series?: SeriesMap; dropped?: number; queries?: QueryResults | undefined },
) => void;

function createSteps({ nowMs, externalUrl }: Evaluation) {
  const moved: Decision['moved'][number][] = [];
  const failed: Decision['failed'][number][] = [];
  const step: Step = (slot, samples, heldAlerts, { queries, ...more } = {}) => {
    const asked = queries && { results: queries };
    const candidates = samples.map((sample) => toCandidate(slot.rule, sample, nowMs, externalUrl, asked));
    const to = advance(slot.alerts, candidates, nowMs, slot.rule, heldAlerts);
    if (to.status === 'ok') moved.push({ slot, to, ...more });
    else failed.push({ slot, failure: failureOf(slot, nowMs, to.reason, to.message) });
  };
  return { moved, failed, step };
}

/** Moves a rule on; where it minds missing data, by what its answer says of each series. */
function stepRule(
  slot: RuleSlot,
  withoutData: RuleSlot | undefined,
  answer: Answer,
  { group, nowMs }: Evaluation,
  step: Step,
  failed: Decision['failed'][number][],
): void {
  const { queries } = answer;
  if (slot.rule.noData === 'ok') return step(slot, answer.samples, undefined, { queries });
  if (!answer.quiet)
    return void failed.push({ slot, failure: failureOf(slot, nowMs, 'invalid_result', describeNoQuiet(slot)) });
  const present = new Map<string, LabelSet>();
  for (const labels of [...answer.quiet, ...answer.samples.map((sample) => sample.labels)])
    present.set(fingerprintOf(labels), labels);
  const { series, isHeld, missing, dropped } = lookForSeries(slot.series, present, nowMs);
  step(
    slot,
    answer.samples,
    held(slot, (alert) => isHeld(alert.series), nowMs),
    { series, dropped, queries },
  );
  if (!withoutData) return;
  const about = { rule: slot.rule.identity.name, group: group.name };
  step(
    withoutData,
    missing.map((sample) => ({ ...sample, labels: { ...sample.labels, ...about } })),
    undefined,
    { queries },
  );
}

function held({ evaluatedAtMs }: RuleSlot, isHeld: Held['isHeld'], nowMs: number): Held {
  return { isHeld, elapsedMs: Math.max(0, nowMs - (evaluatedAtMs ?? nowMs)) };
}

function describeNoQuiet({ rule }: RuleSlot): string {
  return `no_data: ${rule.noData} needs a row for everything that is there, with NULL in the column "value" where nothing is wrong; here "value" is never NULL`;
}

function failureOf({ rule, failure }: RuleSlot, nowMs: number, reason: string, message: string): RuleFailure {
  const sinceMs = failure?.reason === reason ? failure.sinceMs : nowMs;
  return { rule: rule.identity.name, group: rule.identity.group, reason, message, sinceMs };
}
