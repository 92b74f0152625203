import type { RuleGroup } from '@tocsin/service/config';
import type { ActiveAlerts } from './advance.ts';
import { ruleFailing, type RuleFailure, ruleWithoutData } from './builtin.ts';
import type { SeriesMap } from './no-data.ts';
import { compileRule, type Rule } from './rule.ts';

/** A rule with its state. Only `rule-state.ts` changes it, after the database has it. */
export interface RuleSlot {
  readonly rule: Rule;
  readonly id: number;
  alerts: ActiveAlerts;
  /** What it has seen, where it minds missing data; empty otherwise. */
  series: SeriesMap;
  /** The last evaluation that decided something. */
  evaluatedAtMs: number | undefined;
  /** Why the last evaluation failed. */
  failure: RuleFailure | undefined;
}

/** The rules about ClickHouse itself. */
export interface OwnSlots {
  readonly unreachable: RuleSlot;
  readonly schemaMissing: RuleSlot;
}

/** A group as it is evaluated. A reload makes new ones; what an old one still has under way is thrown away. */
export interface GroupRuntime {
  readonly key: string;
  readonly name: string;
  readonly intervalMs: number;
  readonly queryOffsetMs: number;
  readonly rules: readonly RuleSlot[];
  /** In the order of `rules`: the rule about the series that are missing, where the rule has `no_data: alert`. */
  readonly withoutData: readonly (RuleSlot | undefined)[];
  /** The rule about these rules. */
  readonly failing: RuleSlot;
  retired: boolean;
}

/** A group whose rules have no state yet. */
export interface GroupPlan {
  readonly group: RuleGroup;
  readonly rules: readonly Rule[];
  readonly withoutData: readonly (Rule | undefined)[];
  readonly failing: Rule;
}

export function planGroup(group: RuleGroup): GroupPlan {
  return {
    group,
    rules: group.rules.map((rule) => compileRule(rule, group)),
    withoutData: group.rules.map((rule) => (rule.noData === 'alert' ? ruleWithoutData(rule, group) : undefined)),
    failing: ruleFailing(group.file, group.name),
  };
}

/** Joins the plans with the slots of their rules. */
export function buildGroups(plans: readonly GroupPlan[], slots: ReadonlyMap<Rule, RuleSlot>): GroupRuntime[] {
  const slotOf = (rule: Rule): RuleSlot => {
    const slot = slots.get(rule);
    if (!slot) throw new TypeError(`The rule ${rule.identity.name} has no slot.`);
    return slot;
  };
  return plans.map(({ group, rules, withoutData, failing }) => ({
    key: JSON.stringify([group.name, group.file]),
    name: group.name,
    intervalMs: group.intervalMs,
    queryOffsetMs: group.queryOffsetMs,
    rules: rules.map(slotOf),
    withoutData: withoutData.map((rule) => rule && slotOf(rule)),
    failing: slotOf(failing),
    retired: false,
  }));
}
