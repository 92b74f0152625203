import type { RuleGroup } from '@tocsin/service/config';
import { MAX_SAMPLES } from '../rules/evaluate-rule.ts';
import type { Expression } from '../rules/expression.ts';
import { literalQueries } from '../rules/template-queries.ts';

/** Asks once what the templates of a group's rules ask with a text that stands there. @returns what is wrong, in words */
export async function askTemplateQueries(
  { rules, labels }: RuleGroup,
  nowMs: number,
  expression: Expression,
): Promise<string[]> {
  const wrong: string[] = [];
  for (const rule of rules)
    for (const [name, source] of Object.entries({ ...labels, ...rule.labels, ...rule.annotations }))
      for (const sql of literalQueries(source)) {
        const answer = await expression.evaluate(sql, nowMs, MAX_SAMPLES);
        if (answer.status === 'failed')
          wrong.push(`${rule.alert}: ${name}: query: ${answer.reason}: ${answer.message}`);
      }
  return wrong;
}
