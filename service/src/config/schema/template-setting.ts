import { z } from 'zod';
import { checkTemplate } from '../../template/check.ts';
import { labelName } from './scalars.ts';

/** Text that may be a template; kept as it was written. What is wrong in it whatever its data will be is a mistake of the configuration. */
const template = z.string().superRefine((source, context) => {
  const wrong = checkTemplate(source);
  if (wrong === undefined) return;
  const expected = `a template that can be filled in (${wrong})`;
  context.addIssue({ code: 'custom', message: `expected ${expected}`, params: { expected } });
});

/** A template that is not empty. */
export const templateText = template.refine((source) => source !== '', {
  params: { expected: 'text that is not empty' },
  message: 'expected text that is not empty',
});

/** Labels or annotations of a rule. */
export const templateMap = z.record(labelName, template);
