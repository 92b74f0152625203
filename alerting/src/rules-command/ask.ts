import type { RuleGroup } from '@tocsin/service/config';
import { MAX_SAMPLES } from '../rules/engine.ts';
import type { Expression, ExpressionResult } from '../rules/expression.ts';

/** The results of a group's rules for one moment, in their order: asked one after the other, as alerting does. */
export async function askGroup(
  { rules, queryOffsetMs }: RuleGroup,
  timeMs: number,
  expression: Expression,
): Promise<readonly ExpressionResult[]> {
  const results: ExpressionResult[] = [];
  for (const { sql } of rules) results.push(await expression.evaluate(sql, timeMs - queryOffsetMs, MAX_SAMPLES));
  return results;
}
