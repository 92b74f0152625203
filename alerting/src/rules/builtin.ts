import type { AlertRule, RuleGroup } from '@tocsin/service/config';
import type { LabelSet } from '../alert.ts';
import type { Sample } from './expression.ts';
import { compileAll, type Rule, sortedJson } from './rule.ts';

/** How long a rule has to fail, or ClickHouse to be away, before somebody is told: a restart takes less. */
const HOLD_MS = 30_000;

/** A ClickHouse that comes and goes, or answers a part of the questions, is one trouble. */
const KEEP_UNREACHABLE_MS = 60_000;

/** How long the tables may be missing: the collector makes them when it first starts. */
const SCHEMA_HOLD_MS = 300_000;

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

/** Raised once, however many rules there are, while ClickHouse answers none or only a part of them. */
export const clickHouseUnreachable: Rule = {
  ...builtin('ClickHouseUnreachable', '', OWN_GROUP, 'page', {
    summary: 'ClickHouse does not answer: rules are not being evaluated',
    description:
      'Alerts keep the state they had and nothing new is raised by rules that get no answer until ClickHouse answers again. {{ $annotations.error }}',
  }),
  keepFiringForMs: KEEP_UNREACHABLE_MS,
};

/** Raised once while the database has no tables of Tocsin, or is just being given them. */
export const schemaMissing: Rule = {
  ...builtin('SchemaMissing', '', OWN_GROUP, 'page', {
    summary: 'The tables that rules ask are not there',
    description:
      'The collector makes them when it starts: has it started, and does it use the same database? {{ $annotations.error }}',
  }),
  forMs: SCHEMA_HOLD_MS,
};

/**
 * Raised for the series that a rule with `no_data: alert` has no data of, with the rule's own labels. It waits as long as the rule does, and for two
 * evaluations at least: one late batch is no news.
 */
export function ruleWithoutData(rule: AlertRule, group: RuleGroup): Rule {
  const own = { ...group.labels, ...rule.labels };
  const base = builtin('RuleWithoutData', group.file, group.name, '', {
    summary: 'The rule {{ $labels.rule }} has no data: {{ $annotations.missing }}',
    description:
      'Its alerts keep the state they had. A series that is missing for a day while others are there is forgotten.',
  });
  return {
    ...base,
    identity: { ...base.identity, labels: sortedJson({ ...own, rule: rule.alert }) },
    forMs: Math.max(rule.forMs, 2 * group.intervalMs),
    labels: compileAll({ ...own, rule: '{{ $labels.rule }}', group: '{{ $labels.group }}' }),
  };
}

/** A rule that failed in one evaluation of its group. */
export interface RuleFailure {
  readonly rule: string;
  readonly group: string;
  readonly reason: string;
  readonly message: string;
  /** The first of the evaluations in a row that failed for this reason. */
  readonly sinceMs: number;
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
    noData: 'ok',
    labels: compileAll(labels),
    annotations: compileAll({ ...annotations, runbook_url: `{{ externalURL }}/runbooks/${name}` }),
  };
}
