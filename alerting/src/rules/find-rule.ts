import type { Alert, LabelSet } from '../alert.ts';
import type { ChartedRule } from './chart/rule-series.ts';
import type { GroupRuntime } from './group.ts';

/** The rule that holds the alert; of one that is over the only rule that it can be of, by its name and the labels that no row changes. */
export function findRule(groups: readonly GroupRuntime[], { fingerprint, labels }: Alert): ChartedRule | undefined {
  const likely: ChartedRule[] = [];
  for (const { rules, queryOffsetMs } of groups)
    for (const { rule, alerts } of rules) {
      if (alerts.has(fingerprint)) return { rule, queryOffsetMs };
      if (rule.identity.name === labels['alertname'] && agrees(rule.identity.labels, labels))
        likely.push({ rule, queryOffsetMs });
    }
  return likely.length === 1 ? likely[0] : undefined;
}

/** By the names of group and rule. */
export function findNamed(groups: readonly GroupRuntime[], group: string, name: string): ChartedRule | undefined {
  for (const { name: own, rules, queryOffsetMs } of groups) {
    if (own !== group) continue;
    const found = rules.find(({ rule }) => rule.identity.name === name);
    if (found) return { rule: found.rule, queryOffsetMs };
  }
  return undefined;
}

/** @param written the rule's labels as JSON */
function agrees(written: string, labels: LabelSet): boolean {
  return Object.entries(JSON.parse(written) as LabelSet).every(
    ([name, value]) => value.includes('{{') || labels[name] === value || value === '',
  );
}
