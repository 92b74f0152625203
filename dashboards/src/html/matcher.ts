import type { Matcher } from '../silences/silence-types.ts';

/** A name, an operator, a value in quotes or plain. Source: Alertmanager, "Matchers". */
const SHAPE = /^\s*([A-Za-z_][\w.:-]*)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))\s*$/;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', '"': '"', '\\': '\\' };

/** Reads a matcher as `severity="page"`; `undefined` where it is none. */
export function parseMatcher(source: string): Matcher | undefined {
  const [whole, name = '', operator = '', quoted, plain = ''] = SHAPE.exec(source) ?? [];
  if (whole === undefined) return undefined;
  const value = quoted?.replace(/\\(.)/g, (both, char: string) => ESCAPES[char] ?? both) ?? plain;
  return { name, value, isRegex: operator.endsWith('~'), isEqual: !operator.startsWith('!') };
}

/** Writes it so that `parseMatcher` reads the same. */
export function writeMatcher({ name, value, isRegex, isEqual }: Matcher): string {
  const operator = isRegex ? (isEqual ? '=~' : '!~') : isEqual ? '=' : '!=';
  return `${name}${operator}"${value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}
