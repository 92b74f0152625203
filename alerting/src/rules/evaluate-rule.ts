import type { ExpressionResult } from './expression.ts';
import type { Rule } from './rule.ts';
import { askTemplates, type TemplateAsking } from './template-queries.ts';

/** The most samples of one rule. */
export const MAX_SAMPLES = 10_000;

/** Asks a rule, and where it is true what its templates ask, all about one moment. */
export async function evaluateRule(
  rule: Rule,
  asking: Omit<TemplateAsking, 'rule' | 'samples'>,
): Promise<ExpressionResult> {
  const result = await asking.expression.evaluate(rule.sql, asking.askedMs, MAX_SAMPLES);
  if (result.status !== 'ok' || rule.asks !== true || result.samples.length === 0) return result;
  return { ...result, queries: await askTemplates({ ...asking, rule, samples: result.samples }) };
}
