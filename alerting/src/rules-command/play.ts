import type { RuleGroup } from '@tocsin/service/config';
import { silentLogger } from '@tocsin/service/log';
import type { AlertSink } from '../alert.ts';
import { clickHouseUnreachable, schemaMissing } from '../rules/builtin.ts';
import { decide } from '../rules/decide.ts';
import type { ExpressionResult } from '../rules/expression.ts';
import { buildGroups, type GroupRuntime, planGroup, type RuleSlot } from '../rules/group.ts';
import { createRuleState } from '../rules/rule-state.ts';
import type { Database } from '../store/database.ts';

/** What rules are played with. */
export interface PlayOptions {
  readonly groups: readonly RuleGroup[];
  readonly database: Database;
  readonly sink: AlertSink;
  readonly externalUrl: string;
  /** When the play begins, Unix milliseconds. */
  readonly startMs: number;
}

/** Rules on a clock of their own: the same decisions and the same state as in alerting, without its schedule. */
export interface Play {
  readonly groups: readonly GroupRuntime[];
  /** Takes the results of a group's rules, in their order, as those of the evaluation at this time. @returns those that failed */
  step(group: number, timeMs: number, results: readonly ExpressionResult[]): readonly PlayFailure[];
}

/** A rule that could not be evaluated. */
export interface PlayFailure {
  readonly rule: string;
  readonly message: string;
}

/** Sets the rules up, with nothing known of before. */
export function createPlay({ groups, database, sink, externalUrl, startMs }: PlayOptions): Play {
  const state = createRuleState({ database, sink, externalUrl, log: silentLogger() });
  const plans = groups.map(planGroup);
  const rules = plans.flatMap((plan) => [
    ...plan.rules,
    ...plan.withoutData.filter((rule) => rule !== undefined),
    plan.failing,
  ]);
  const slots = state.adopt([clickHouseUnreachable, schemaMissing, ...rules], startMs);
  const running = buildGroups(plans, slots);
  const [unreachable, bare] = [slots.get(clickHouseUnreachable), slots.get(schemaMissing)];
  if (!unreachable || !bare) throw new TypeError('The rules about ClickHouse have no slots.');
  const own = { unreachable, schemaMissing: bare };
  return {
    groups: running,
    step(at, timeMs, results) {
      const group = running[at];
      if (!group) throw new RangeError(`There is no group ${at}.`);
      const isAway =
        results.length > 0 && results.every((one) => one.status === 'failed' && one.reason === 'unreachable');
      const told = { isAway, othersLackSchema: false };
      const decision = decide({ group, own, results, nowMs: timeMs, externalUrl, ...told });
      state.commit(decision, timeMs);
      return decision.failed.map(({ slot, failure }) => ({ rule: nameOf(slot), message: failure.message }));
    },
  };
}

/** The rule's name, `alertname` of its alerts. */
export function nameOf({ rule }: RuleSlot): string {
  return rule.identity.name;
}
