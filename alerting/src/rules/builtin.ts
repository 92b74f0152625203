import type { LabelSet } from '../alert.ts';
import type { Sample } from './expression.ts';
import { compileAll, type Rule, sortedJson } from './rule.ts';

/** How long a rule has to fail, or ClickHouse to be away, before somebody is told: a restart takes less. */
const HOLD_MS = 30_000;

/** The group of the rules that are about Tocsin itself. */
export const OWN_GROUP = 'tocsin';

/** Raised for every rule of a group that cannot be evaluated, until it can be again or is removed. */
export function ruleFailing(file: string, group: string): Rule {
  return builtin('RuleFailing', file, group, 'ticket', {
    summary: 'The rule {{ $labels.rule }} of the group {{ $labels.group }} cannot be evaluated',
    description:
      'Its alerts keep the state they had and nothing new is raised by it until it works again. {{ $annotations.error }}',
  });
}

/** Raised once, however many rules there are, while ClickHouse answers none of them. */
export const clickHouseUnreachable: Rule = builtin('ClickHouseUnreachable', '', OWN_GROUP, 'page', {
  summary: 'ClickHouse does not answer: no rule is being evaluated',
  description:
    'Alerts keep the state they had and nothing new is raised until ClickHouse answers again. {{ $annotations.error }}',
});

/** A rule that failed in one evaluation of its group. */
export interface RuleFailure {
  readonly rule: string;
  readonly group: string;
  readonly reason: string;
  readonly message: string;
}

/** One sample a rule name; rules of one name in a group share it. */
export function failureSamples(failures: readonly RuleFailure[]): Sample[] {
  const byRule = Map.groupBy(failures, ({ rule }) => rule);
  return [...byRule].map(([rule, all]) => ({
    value: all.length,
    labels: { rule, group: all[0]?.group ?? '' },
    annotations: { error: all.map(({ reason, message }) => `${reason}: ${message}`).join('\n') },
  }));
}

function builtin(name: string, file: string, group: string, severity: string, annotations: LabelSet): Rule {
  const labels = { severity };
  return {
    identity: { kind: 'builtin', file, group, name, labels: sortedJson(labels) },
    sql: '',
    forMs: HOLD_MS,
    keepFiringForMs: 0,
    limit: 0,
    labels: compileAll(labels),
    annotations: compileAll(annotations),
  };
}
