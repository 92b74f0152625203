import { z } from 'zod';
import { type Mapping, mappingsIn, type Refuse, textAt } from '../cross-checks.ts';
import { matcherList, matchMap, matchPatternMap } from '../matcher-setting.ts';
import type { Matcher } from '../matchers.ts';
import { text, utf8LabelName } from '../scalars.ts';

/** While an alert fires that the source's matchers match, nobody is told of those that the target's match and that have equal labels. */
export interface InhibitRule {
  readonly name: string | undefined;
  readonly sourceMatchers: readonly Matcher[];
  readonly targetMatchers: readonly Matcher[];
  /** Names of labels whose values are equal; a label that is absent is empty. */
  readonly equal: readonly string[];
}

/** An entry of `inhibit_rules`. Source: Alertmanager documentation, "Configuration", `<inhibit_rule>`. */
export const inhibitRule = z
  .strictObject({
    name: text.optional(),
    source_matchers: matcherList.optional(),
    source_match: matchMap.optional(),
    source_match_re: matchPatternMap.optional(),
    target_matchers: matcherList.optional(),
    target_match: matchMap.optional(),
    target_match_re: matchPatternMap.optional(),
    equal: z.array(utf8LabelName).default([]),
  })
  .transform((value): InhibitRule => ({
    name: value.name,
    sourceMatchers: [...(value.source_match ?? []), ...(value.source_match_re ?? []), ...(value.source_matchers ?? [])],
    targetMatchers: [...(value.target_match ?? []), ...(value.target_match_re ?? []), ...(value.target_matchers ?? [])],
    equal: value.equal,
  }));

/** Refuses names used twice. */
export function checkInhibitRules(alerting: Mapping, refuse: Refuse): void {
  const names = new Set<string>();
  for (const [index, rule] of mappingsIn(alerting['inhibit_rules'])) {
    const name = textAt(rule, 'name');
    if (name !== undefined && names.has(name)) refuse(['inhibit_rules', index, 'name'], 'a name used once');
    if (name !== undefined) names.add(name);
  }
}
