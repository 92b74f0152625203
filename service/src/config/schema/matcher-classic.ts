import type { RawMatcher } from './matchers.ts';

/*
 * Matchers as Alertmanager had them before 0.27 and still reads them: `\"`, `\\` and `\n` are escapes, any other backslash is one; values may
 * be empty or go without quotes.
 */

const MATCHER = /^\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(=~|=|!=|!~)\s*(.*?)\s*$/s;

/** @returns the matchers in a text, or `undefined` where it is not of this form */
export function parseClassicMatchers(text: string): RawMatcher[] | undefined {
  const inner = text.replace(/^\{/, '').replace(/\}$/, '');
  const parts = splitOutsideQuotes(inner);
  if (parts.at(-1)?.trim() === '') parts.pop();
  const matchers = parts.map(parseClassicMatcher);
  return matchers.every((matcher) => matcher !== undefined) ? matchers : undefined;
}

function splitOutsideQuotes(text: string): string[] {
  const parts = [''];
  let isQuoted = false;
  let isEscaped = false;
  for (const char of text) {
    if (char === ',' && !isQuoted) {
      parts.push('');
      continue;
    }
    if (char === '"' && !isEscaped) isQuoted = !isQuoted;
    isEscaped = char === '\\' && !isEscaped;
    parts.push(`${parts.pop() ?? ''}${char}`);
  }
  return parts;
}

function parseClassicMatcher(text: string): RawMatcher | undefined {
  const [, name, op, written = ''] = MATCHER.exec(text) ?? [];
  if (name === undefined) return undefined;
  const isQuoted = written.startsWith('"');
  const inner = isQuoted ? written.slice(1) : written;
  const quote = /^(?:[^"\\]|\\.|\\$)*/s.exec(inner)?.[0].length ?? 0;
  // A quote is the last character of what began with one, and is nowhere else.
  if (isQuoted ? quote !== inner.length - 1 : quote !== inner.length) return undefined;
  const value = inner
    .slice(0, quote)
    .replaceAll(/\\([\s\S])/g, (whole, char: string) => (char === 'n' ? '\n' : /["\\]/.test(char) ? char : whole));
  return { name, op: op as RawMatcher['op'], value };
}
