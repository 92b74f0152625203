import type { RuleGroup, TocsinConfig } from '@tocsin/service/config';
import type { LabelSet } from '../alert.ts';
import { compileRoutes, matchRoutes } from '../notify/route.ts';
import { type NamedRule, rulesOf } from './compare.ts';

/** Whom something reaches before and after; an empty list is nobody. */
export interface Rerouted {
  /** The rule, or the labels of the alert that fires. */
  readonly what: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
}

/** What the new configuration would page, and no longer. */
export interface Paging {
  /** Rules that are there before and after, whose alerts go elsewhere. */
  readonly rules: readonly Rerouted[];
  /** New and changed rules, and whom they reach. */
  readonly reach: readonly { readonly rule: string; readonly to: readonly string[] }[];
  /** Alerts that fire now and go elsewhere. */
  readonly firing: readonly Rerouted[];
  /** Alerts that fire now whose rule goes: they end. */
  readonly ending: readonly string[];
}

/** An alert as alerting's API tells of it. */
export interface FiringAlert {
  readonly labels: LabelSet;
}

/**
 * Says whom alerts reach by the routes of both. A rule is routed by the labels that are written in it, for those of its rows are known only when it
 * fires; a label that is a template counts as missing. Alerts that fire now are routed by all of theirs.
 */
export function comparePaging(
  before: TocsinConfig,
  after: TocsinConfig,
  {
    shipped,
    changed,
    firing,
  }: {
    readonly shipped: readonly RuleGroup[];
    readonly changed: ReadonlySet<string>;
    readonly firing: readonly FiringAlert[];
  },
): Paging {
  const [old, next] = [router(before), router(after)];
  const [oldRules, newRules] = [rulesOf(before, shipped), rulesOf(after, shipped)];
  const known = new Map(oldRules.map((one) => [one.name, one]));
  const rerouted = (what: string, from: readonly string[], to: readonly string[]): Rerouted[] =>
    from.join('\n') === to.join('\n') ? [] : [{ what, from, to }];
  const gone = goneAlerts(oldRules, newRules);
  return {
    rules: newRules.flatMap((one) => {
      const was = known.get(one.name);
      return was ? rerouted(one.name, old(staticLabels(was)), next(staticLabels(one))) : [];
    }),
    reach: newRules
      .filter(({ name }) => changed.has(name))
      .map((one) => ({ rule: one.name, to: next(staticLabels(one)) })),
    firing: firing
      .filter(({ labels }) => !gone.has(labels['alertname'] ?? ''))
      .flatMap(({ labels }) => rerouted(showLabels(labels), old(labels), next(labels))),
    ending: firing.filter(({ labels }) => gone.has(labels['alertname'] ?? '')).map(({ labels }) => showLabels(labels)),
  };
}

function router({ alerting: { route } }: TocsinConfig): (labels: LabelSet) => readonly string[] {
  if (!route) return () => [];
  const tree = compileRoutes(route);
  return (labels) => [...new Set(matchRoutes(tree, labels).map(({ node }) => node.route.receiver))];
}

function staticLabels({ rule, group }: NamedRule): LabelSet {
  const written = Object.entries({ ...group.labels, ...rule.labels }).filter(([, text]) => !text.includes('{{'));
  return { ...Object.fromEntries(written), alertname: rule.alert };
}

/** The names of alerts that no rule makes any more. */
function goneAlerts(before: readonly NamedRule[], after: readonly NamedRule[]): ReadonlySet<string> {
  const left = new Set(after.map(({ rule }) => rule.alert));
  return new Set(before.map(({ rule }) => rule.alert).filter((name) => !left.has(name)));
}

function showLabels(labels: LabelSet): string {
  const { alertname = '', ...others } = labels;
  const shown = Object.entries(others).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `${alertname}{${shown.join(', ')}}`;
}
