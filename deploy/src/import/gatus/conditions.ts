import type { Setting, Settings } from '../imported.ts';
import { parseGoDuration, writeDuration } from '../durations.ts';

/** What a condition of Gatus is with us: parts of `expect`, or words about why there is none. */
export type Condition =
  | { readonly status: 'expected'; readonly expect: Settings }
  | { readonly status: 'implied' }
  | { readonly status: 'unknown'; readonly note: string };

const SHAPE = /^(.+?)\s*(==|!=|<=|>=|<|>)\s*(.+)$/s;
const DAY_MS = 86_400_000;

interface Parts {
  readonly subject: string;
  readonly operator: string;
  readonly value: string;
}

/** The kinds of monitors that have conditions. */
export type ConditionKind = 'http' | 'dns' | 'tls' | 'websocket' | 'domain' | 'grpc' | 'other';

/** Translates a condition. Source: Gatus's documentation, "Conditions": placeholders and functions. */
export function translateCondition(text: string, kind: ConditionKind): Condition {
  const [, subject, operator, value] = SHAPE.exec(text.trim()) ?? [];
  const unknown: Condition = { status: 'unknown', note: `the condition ${JSON.stringify(text)}` };
  if (subject === undefined || operator === undefined || value === undefined) return unknown;
  const parts = { subject: subject.trim(), operator, value: value.trim() };
  const expect = translateParts(parts, kind);
  if (expect === 'implied') return { status: 'implied' };
  return expect === undefined ? unknown : { status: 'expected', expect };
}

function translateParts(parts: Parts, kind: ConditionKind): Settings | 'implied' | undefined {
  const { subject, operator, value } = parts;
  switch (subject) {
    case '[CONNECTED]':
      return operator === '==' && value === 'true' ? 'implied' : undefined;
    case '[STATUS]':
      return kind === 'http' ? translateStatus(parts) : undefined;
    case '[RESPONSE_TIME]':
      return ['<', '<='].includes(operator) && /^\d+$/.test(value) && Number(value) > 0
        ? { latency: writeDuration(Number(value)) }
        : undefined;
    case '[CERTIFICATE_EXPIRATION]':
      return kind === 'http' || kind === 'tls' ? translateExpiration(parts, 'certificate_days') : undefined;
    case '[DOMAIN_EXPIRATION]':
      return kind === 'domain' ? translateExpiration(parts, 'domain_days') : undefined;
    case '[DNS_RCODE]':
      return kind === 'dns' && operator === '==' ? { rcode: value } : undefined;
    default:
      return /^(?:has\()?\[BODY\]/.test(subject) ? translateBody(parts, kind) : undefined;
  }
}

function translateExpiration({ operator, value }: Parts, setting: string): Settings | undefined {
  const ms = parseGoDuration(value);
  return ['>', '>='].includes(operator) && ms !== undefined ? { [setting]: Math.ceil(ms / DAY_MS) } : undefined;
}

/** Statuses as ranges from 100 to 599. */
function translateStatus({ operator, value }: Parts): Settings | undefined {
  const codes = choicesOf(value) ?? [value];
  if (!codes.every((code) => /^[1-5]\d\d$/.test(code))) return undefined;
  const [code = 0] = codes.map(Number);
  const range = (from: number, to: number): Setting => (from === to ? String(from) : `${from}-${to}`);
  if (operator === '==') return { status: codes.length === 1 ? codes.join() : codes };
  if (codes.length > 1) return undefined;
  const ranges: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
    '<': [[100, code - 1]],
    '<=': [[100, code]],
    '>': [[code + 1, 599]],
    '>=': [[code, 599]],
    '!=': [
      [100, code - 1],
      [code + 1, 599],
    ],
  };
  const possible = (ranges[operator] ?? []).filter(([from, to]) => from <= to);
  return possible.length === 0 ? undefined : { status: possible.map(([from, to]) => range(from, to)) };
}

/** The arguments of `any(a, b)`. */
function choicesOf(value: string): readonly string[] | undefined {
  const [, inside] = /^any\((.*)\)$/s.exec(value) ?? [];
  return inside?.split(',').map((choice) => choice.trim());
}

/** RE2 quotes as this does. */
function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}

/** `pat(…)` with its stars, `any(…)`, or a text, as a test of a value. */
function testOf(operator: string, value: string): Settings | undefined {
  const [, wildcards] = /^pat\((.*)\)$/s.exec(value) ?? [];
  const choices = choicesOf(value);
  const isEqual = operator === '==';
  if (operator !== '==' && operator !== '!=') {
    if (!/^-?\d+(?:\.\d+)?$/.test(value)) return undefined;
    if (operator === '<') return { less_than: Number(value) };
    return operator === '>' ? { greater_than: Number(value) } : undefined;
  }
  if (wildcards !== undefined || choices !== undefined) {
    const alternatives = (choices ?? [wildcards ?? '']).map((text) =>
      choices ? escapePattern(text) : text.split('*').map(escapePattern).join('.*'),
    );
    const pattern = `(?s)^(?:${alternatives.join('|')})$`;
    return isEqual ? { matches: pattern } : { not_matches: pattern };
  }
  return isEqual ? { equals: value } : { not_equals: value };
}

function translateBody({ subject, operator, value }: Parts, kind: ConditionKind): Settings | 'implied' | undefined {
  const hasText = kind === 'http' || kind === 'websocket';
  const [, asked, has] = /^(?:has\(\[BODY\](.+)\)|\[BODY\](.*))$/s.exec(subject) ?? [];
  if (asked !== undefined) {
    if (!hasText || operator !== '==' || !/^(?:true|false)$/.test(value)) return undefined;
    return { json: { path: pathOf(asked), exists: value === 'true' } };
  }
  // What the health protocol is asked for.
  if (kind === 'grpc' && has === '.status' && operator === '==' && value === 'SERVING') return 'implied';
  const test = testOf(operator, value);
  if (!test) return undefined;
  if (has !== undefined && has !== '') return hasText ? { json: { path: pathOf(has), ...test } } : undefined;
  const { equals, not_equals: differs, matches, not_matches: mismatches } = test;
  if (kind === 'dns') {
    if (equals !== undefined) return { records: [equals] };
    return matches === undefined ? undefined : { records_match: [matches] };
  }
  if (!hasText) return undefined;
  const what = kind === 'http' ? 'body' : 'message';
  const exactly = (text: string): string => `(?s)^${escapePattern(text)}$`;
  if (typeof equals === 'string') return { [`${what}_matches`]: exactly(equals) };
  if (typeof differs === 'string') return { [`${what}_not_matches`]: exactly(differs) };
  if (matches !== undefined) return { [`${what}_matches`]: matches };
  return mismatches === undefined ? undefined : { [`${what}_not_matches`]: mismatches };
}

/** `.data[0].user-id` as JSONPath (RFC 9535), where names of other characters stand in quotes. */
function pathOf(text: string): string {
  const names = text.replace(/\.([^.[\]]+)/g, (_whole, name: string) =>
    /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `['${name.replaceAll("'", String.raw`\'`)}']`,
  );
  return `$${names}`;
}
