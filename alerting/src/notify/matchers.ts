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

/** What a matcher says of the values it accepts: nothing else is accepted, though not all of these may be. */
export type Accepted =
  | { readonly kind: 'values'; readonly texts: readonly string[] }
  | { readonly kind: 'prefix'; readonly texts: readonly [string] };

/** The values that a matcher names (`=`, or `=~` with plain alternatives), or how they begin; `undefined` where it tells neither. */
export function acceptedBy({ op, value }: Matcher): Accepted | undefined {
  if (op === '=') return { kind: 'values', texts: [value] };
  if (op !== '=~') return undefined;
  const texts = literalsOf(value);
  if (texts) return { kind: 'values', texts };
  const prefix = prefixOf(value);
  return prefix === '' ? undefined : { kind: 'prefix', texts: [prefix] };
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

/** With what a value begins that the pattern matches; empty where it does not say. */
function prefixOf(pattern: string): string {
  // An alternative, or a flag, might begin otherwise.
  if (/[|(]/.test(pattern)) return '';
  const [written = ''] = /^(?:[^\\.+*?()|[\]{}^$]|\\[^a-zA-Z0-9])*/u.exec(pattern) ?? [];
  // What may be repeated may also be missing.
  const isRepeated = /^[*?{]/.test(pattern.slice(written.length));
  const certain = isRepeated ? written.replace(/(?:\\.|.)$/su, '') : written;
  return certain.replaceAll(/\\(.)/gu, '$1');
}

/** `.*` around a literal: what people write most, and a hundred times cheaper without a regular expression. */
const AROUND_LITERAL = /^(\.\*)?((?:[^\\.+*?()|[\]{}^$]|\\[^a-zA-Z0-9])*)(\.\*)?$/u;

function compilePattern(pattern: string): (value: string) => boolean {
  const literals = literalsOf(pattern);
  if (literals) {
    const set = new Set(literals);
    return (value) => set.has(value);
  }
  const [, before, written = '', after] = AROUND_LITERAL.exec(pattern) ?? [];
  const literal = written.replaceAll(/\\(.)/gu, '$1');
  const compiled = loadRe2().RE2JS.compile(pattern);
  const matches = (value: string): boolean => compiled.matches(value);
  if (before === undefined && after === undefined) return matches;
  const mayMatch = (value: string): boolean =>
    after === undefined
      ? value.endsWith(literal)
      : before === undefined
        ? value.startsWith(literal)
        : value.includes(literal);
  // A dot is no line break.
  return (value) => mayMatch(value) && (!value.includes('\n') || matches(value));
}
