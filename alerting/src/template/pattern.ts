import { loadRe2 } from '@tocsin/service/late-libraries';
import { TemplateError } from '@tocsin/service/template';
import { demandRoom } from './limits.ts';

/*
 * Regular expressions of templates are RE2's, as in Go: a pattern takes a time that grows with the text and no faster, whatever the labels hold.
 */

type Pattern = ReturnType<ReturnType<typeof loadRe2>['RE2JS']['compile']>;

const compiled = new Map<string, Pattern>();
const MAX_COMPILED = 1_000;

function compile(pattern: string): Pattern {
  const known = compiled.get(pattern);
  if (known) return known;
  const { RE2JS, RE2JSException } = loadRe2();
  try {
    const made = RE2JS.compile(pattern);
    if (compiled.size >= MAX_COMPILED) compiled.clear();
    compiled.set(pattern, made);
    return made;
  } catch (error) {
    if (error instanceof RE2JSException) throw new TemplateError(error.message, { cause: error });
    throw error;
  }
}

/** Whether the pattern matches somewhere in the text. Source: Prometheus documentation, "Template reference", Strings, `match`. */
export function matchesPattern(pattern: string, text: string): boolean {
  return compile(pattern).matcher(text).find();
}

/**
 * Replaces every match; `$1`, `${1}`, `$name` and `${name}` stand for groups, `$$` for a dollar. An empty match right behind another counts for
 * nothing. Source: Go, package regexp, ReplaceAllString and Expand.
 */
export function replacePattern(pattern: string, replacement: string, text: string): string {
  const matcher = compile(pattern).matcher(text);
  const parts: string[] = [];
  let length = 0;
  const put = (part: string): void => {
    length += part.length;
    demandRoom(length);
    parts.push(part);
  };
  let copiedTo = 0;
  for (let at = 0; at <= text.length && matcher.find(at);) {
    const [start, end] = [matcher.start(), matcher.end()];
    put(text.slice(copiedTo, start));
    if (end > copiedTo || start === 0) put(expand(replacement, matcher));
    copiedTo = end;
    at = end > at ? end : at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
  }
  put(text.slice(copiedTo));
  return parts.join('');
}

function expand(replacement: string, matcher: ReturnType<Pattern['matcher']>): string {
  return replacement.replace(/\$(?:\$|\{(\w+)\}|(\w+))/g, (whole, braced?: string, plain?: string) => {
    const name = braced ?? plain;
    if (name === undefined) return whole.slice(1);
    if (/^\d+$/.test(name)) return Number(name) <= matcher.groupCount() ? (matcher.group(Number(name)) ?? '') : '';
    return Object.hasOwn(matcher.namedGroups, name) ? (matcher.group(name) ?? '') : '';
  });
}
