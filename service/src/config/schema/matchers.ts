import { isDeepStrictEqual } from 'node:util';
import { loadRe2 } from '../late-libraries.ts';
import { parseClassicMatchers } from './matcher-classic.ts';
import { parseUtf8Matchers } from './matcher-utf8.ts';

/** A label matcher as Alertmanager has it. An absent label counts as the empty string; regular expressions are RE2's. */
export interface Matcher {
  readonly name: string;
  readonly op: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

/** One whose regular expression nobody has looked at. */
export type RawMatcher = Matcher;

/** Matchers, or in words what was expected in their place. */
export type ReadMatchers =
  | { readonly status: 'ok'; readonly matchers: readonly Matcher[] }
  | { readonly status: 'failed'; readonly expected: string };

const EXPECTED = 'a matcher such as severity="page" or service=~"web-.*"';

/**
 * Reads one matcher or several with commas between, in braces or not: `severity="page"`, `{service=~"web-.*", team!=ops}`. Where the forms
 * of Alertmanager since 0.27 and before it disagree, the older one counts, as there.
 * Source: Alertmanager documentation, "Configuration", `<matcher>`.
 */
export function readMatchers(text: string): ReadMatchers {
  const classic = parseClassicMatchers(text);
  const newer = parseUtf8Matchers(text);
  const matchers = newer && (!classic || isDeepStrictEqual(newer, classic)) ? newer : classic;
  if (!matchers || matchers.some(({ name }) => name === '')) return { status: 'failed', expected: EXPECTED };
  for (const { op, value } of matchers) {
    const why = op === '=~' || op === '!~' ? refusalOf(value) : undefined;
    if (why !== undefined) return { status: 'failed', expected: `a regular expression in RE2's syntax (${why})` };
  }
  return { status: 'ok', matchers };
}

/** Reads exactly one matcher, without braces. @returns `undefined` where it is none, or its regular expression does not compile */
export function parseMatcher(text: string): Matcher | undefined {
  if (text.startsWith('{') || text.endsWith('}')) return undefined;
  const read = readMatchers(text);
  return read.status === 'ok' && read.matchers.length === 1 ? read.matchers[0] : undefined;
}

/** Why a text is no regular expression of RE2's; `undefined` where it is one. */
export function refusalOf(pattern: string): string | undefined {
  try {
    loadRe2().RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : 'not one';
  }
}
