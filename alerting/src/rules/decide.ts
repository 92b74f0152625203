import { advance, type Advance } from './advance.ts';
import { failureSamples, type RuleFailure } from './builtin.ts';
import type { ExpressionResult, Sample } from './expression.ts';
import type { GroupRuntime, RuleSlot } from './group.ts';
import { toCandidate } from './rule.ts';

type Moved = Extract<Advance, { status: 'ok' }>;

/** What one evaluation of a group comes to. Slots that are in neither list keep their state. */
export interface Decision {
  readonly moved: readonly { readonly slot: RuleSlot; readonly to: Moved }[];
  readonly failed: readonly { readonly slot: RuleSlot; readonly failure: RuleFailure }[];
}

/**
 * Decides what the results of a group's rules (in their order; where one is missing the rule was not asked) mean at `nowMs`. Pure.
 *
 * ClickHouse away is said once, by `own`, and nothing is said about the rules; otherwise every rule that failed is said by the
 * group's rule about its rules.
 */
export function decide(
  group: GroupRuntime,
  own: RuleSlot,
  results: readonly ExpressionResult[],
  nowMs: number,
  externalUrl: string,
): Decision {
  const moved: { slot: RuleSlot; to: Moved }[] = [];
  const failed: { slot: RuleSlot; failure: RuleFailure }[] = [];
  const step = (slot: RuleSlot, samples: readonly Sample[]): void => {
    const candidates = samples.map((sample) => toCandidate(slot.rule, sample, nowMs, externalUrl));
    const to = advance(slot.alerts, candidates, nowMs, slot.rule);
    if (to.status === 'ok') moved.push({ slot, to });
    else failed.push({ slot, failure: failureOf(slot, to.reason, to.message) });
  };

  for (const [at, slot] of group.rules.entries()) {
    const result = results[at];
    if (result?.status === 'ok') step(slot, result.samples);
    else if (result) failed.push({ slot, failure: failureOf(slot, result.reason, result.message) });
  }
  const isAway = ({ failure }: { failure: RuleFailure }): boolean => failure.reason === 'unreachable';
  const unreachable = failed.find(isAway);
  if (unreachable && failed.every(isAway) && moved.length === 0) {
    step(own, [{ labels: {}, value: 1, annotations: { error: unreachable.failure.message } }]);
    return { moved, failed };
  }
  if (results.length > 0) step(own, []);
  step(group.failing, failureSamples(failed.map(({ failure }) => failure)));
  return { moved, failed };
}

function failureOf({ rule }: RuleSlot, reason: string, message: string): RuleFailure {
  return { rule: rule.identity.name, group: rule.identity.group, reason, message };
}
