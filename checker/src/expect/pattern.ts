import { loadRe2 } from '@tocsin/service/late-libraries';
import type { RE2JS } from 're2js';

/** A pattern looks at this much of a text, as much as of a body is read by default: it takes some 80 ms at the very most. */
export const SEARCHED_CHARACTERS = 1_024 * 1_024;
/** Patterns are compiled once; this many are kept. */
const MOST_PATTERNS = 10_000;

const compiled = new Map<string, RE2JS>();

/** Whether RE2 finds the pattern in a text, in time that is linear in the text. The configuration has checked the pattern's syntax. */
export function findsPattern(pattern: string, text: string): boolean {
  return compilePattern(pattern).test(text.slice(0, SEARCHED_CHARACTERS));
}

/** The first group (without groups: the whole) of what RE2 finds, or `undefined`. */
export function extractByPattern(pattern: string, text: string): string | undefined {
  const matcher = compilePattern(pattern).matcher(text.slice(0, SEARCHED_CHARACTERS));
  if (!matcher.find()) return undefined;
  return matcher.group(matcher.groupCount() > 0 ? 1 : 0) ?? undefined;
}

function compilePattern(pattern: string): RE2JS {
  let known = compiled.get(pattern);
  if (!known) {
    known = loadRe2().RE2JS.compile(pattern);
    if (compiled.size >= MOST_PATTERNS) compiled.clear();
    compiled.set(pattern, known);
  }
  return known;
}
