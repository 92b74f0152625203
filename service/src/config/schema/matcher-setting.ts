import { z } from 'zod';
import { type Matcher, parseMatcher } from './matchers.ts';

/** A matcher as a setting. */
export const matcher = z.string().transform((source, context): Matcher => {
  const parsed = parseMatcher(source);
  if (parsed) return parsed;
  const expected = 'a matcher such as severity="page" or service=~"web-.*"';
  context.addIssue({ code: 'custom', message: `expected ${expected}`, params: { expected } });
  return z.NEVER;
});
