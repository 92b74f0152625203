import type { Matcher } from '@tocsin/service/config';
import { loadRe2 } from '@tocsin/service/late-libraries';
import type { LabelSet } from '../alert.ts';

/** A matcher made ready: its regular expression is compiled once. */
export type CompiledMatcher = (labels: LabelSet) => boolean;

const LITERAL_ALTERNATIVES = /^(?:[^\\.+*?()|[\]{}^$]|\\[^a-zA-Z0-9]|\|)*$/;
const IN_PARENTHESES = /^\((?:\?:)?([^()]*)\)$/;

/**
 * Makes one matcher ready. An absent label counts as the empty string; regular expressions are RE2's and match the whole value.
 * Source: Alertmanager documentation, "Configuration", `<matcher>`.
 */
export function compileMatcher(matcher: Matcher): CompiledMatcher {
  const { name, op, value } = matcher;
  if (op === '=') return (labels) => valueOf(labels, name) === value;
  if (op === '!=') return (labels) => valueOf(labels, name) !== value;
  const wanted = op === '=~';
  const test = compilePattern(value);
  return (labels) => test(valueOf(labels, name)) === wanted;
}

/** Makes several ready; all must match. */
export function compileMatchers(matchers: readonly Matcher[]): CompiledMatcher {
  const [first, second, ...rest] = matchers.map(compileMatcher);
  if (!first) return () => true;
  if (!second) return first;
  return (labels) => first(labels) && second(labels) && rest.every((matches) => matches(labels));
}

/** The value of a label; the empty string where there is none. */
export function valueOf(labels: LabelSet, name: string): string {
  return Object.hasOwn(labels, name) ? (labels[name] ?? '') : '';
}

/** The only values that a matcher accepts, where it names them (`=`, or `=~` with plain alternatives); else `undefined`. */
export function acceptedValues({ op, value }: Matcher): readonly string[] | undefined {
  return op === '=' ? [value] : op === '=~' ? literalsOf(value) : undefined;
}

/** The matcher as it is written in a configuration, with the value quoted. */
export function formatMatcher({ name, op, value }: Matcher): string {
  const shownName = /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) ? name : JSON.stringify(name);
  return `${shownName}${op}${JSON.stringify(value)}`;
}

/** `a|b|c` as its alternatives: most patterns people write need no regular expression. */
function literalsOf(pattern: string): readonly string[] | undefined {
  const inner = IN_PARENTHESES.exec(pattern)?.[1] ?? pattern;
  if (!LITERAL_ALTERNATIVES.test(inner)) return undefined;
  return inner.split(/(?<!\\)\|/).map((literal) => literal.replaceAll(/\\(.)/g, '$1'));
}

function compilePattern(pattern: string): (value: string) => boolean {
  const literals = literalsOf(pattern);
  if (literals) {
    const set = new Set(literals);
    return (value) => set.has(value);
  }
  if (pattern === '.+') return (value) => value !== '' && !value.includes('\n');
  const compiled = loadRe2().RE2JS.compile(pattern);
  return (value) => compiled.matches(value);
}
