import type { Matcher } from '@tocsin/service/config';
import type { LabelSet } from '../alert.ts';

/** A matcher made ready: its regular expression is compiled once. */
export type CompiledMatcher = (labels: LabelSet) => boolean;

/** Makes one matcher ready. An absent label counts as the empty string; regular expressions match the whole value. */
export function compileMatcher({ name, op, value }: Matcher): CompiledMatcher {
  if (op === '=') return (labels) => (labels[name] ?? '') === value;
  if (op === '!=') return (labels) => (labels[name] ?? '') !== value;
  const pattern = new RegExp(`^(?:${value})$`);
  const wanted = op === '=~';
  return (labels) => pattern.test(labels[name] ?? '') === wanted;
}

/** The matcher as it is written in a configuration, with the value quoted. */
export function formatMatcher({ name, op, value }: Matcher): string {
  return `${name}${op}${JSON.stringify(value)}`;
}
