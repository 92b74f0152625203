import type { RuleGroup } from '@tocsin/service/config';
import { evaluateRule } from '../rules/evaluate-rule.ts';
import type { Expression, ExpressionResult } from '../rules/expression.ts';
import { compileRule } from '../rules/rule.ts';

/** The results of a group's rules for one moment, in their order: asked one after the other, as alerting does. */
export async function askGroup(
  group: RuleGroup,
  nowMs: number,
  expression: Expression,
  externalUrl: string,
): Promise<readonly ExpressionResult[]> {
  const askedMs = nowMs - group.queryOffsetMs;
  const results: ExpressionResult[] = [];
  for (const rule of group.rules)
    results.push(await evaluateRule(compiled(rule, group), { nowMs, askedMs, externalUrl, expression }));
  return results;
}

type Compiled = ReturnType<typeof compileRule>;
const known = new WeakMap<RuleGroup['rules'][number], Compiled>();

/** A backtest asks the same rules thousands of times. */
function compiled(rule: RuleGroup['rules'][number], group: RuleGroup): Compiled {
  const before = known.get(rule);
  if (before) return before;
  const made = compileRule(rule, group);
  known.set(rule, made);
  return made;
}
