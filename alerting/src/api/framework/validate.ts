import type { z } from 'zod';
import type { Endpoint, Input } from './endpoint.ts';
import type { FieldError } from './refusal.ts';
import { loadZod } from './zod.ts';

/** What was asked, or everything that is wrong with it. */
export type Validation =
  | { readonly status: 'ok'; readonly input: Input<unknown, unknown, unknown> }
  | { readonly status: 'invalid'; readonly errors: readonly FieldError[] };

/** The parts of a request as fastify reads them. */
export interface RawRequest {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

const PARTS = [
  ['params', 'path'],
  ['query', 'query'],
  ['body', 'body'],
] as const;

const schemas = new WeakMap<object, z.ZodType>();

/** The schema that a declaration makes, made once. */
export function schemaOf(make: NonNullable<Endpoint['query' | 'params' | 'body' | 'answer']>): z.ZodType {
  const known = schemas.get(make);
  if (known) return known;
  const made = make(loadZod());
  schemas.set(make, made);
  return made;
}

/** Holds a request against the declaration of its endpoint. Under `/api/v1` a query that nobody declared is wrong, too. */
export function validate(endpoint: Endpoint, raw: RawRequest): Validation {
  const errors: FieldError[] = [];
  const input: { -readonly [Part in keyof RawRequest]: unknown } = {
    params: undefined,
    query: undefined,
    body: undefined,
  };
  for (const [part, place] of PARTS) {
    const make = endpoint[part];
    if (!make) {
      if (part === 'query' && endpoint.path.startsWith('/api/v1/')) errors.push(...unknownParameters(raw.query));
      continue;
    }
    const result = schemaOf(make).safeParse(raw[part]);
    if (result.success) input[part] = result.data;
    else errors.push(...result.error.issues.flatMap((issue) => explain(issue, place, raw[part])));
  }
  return errors.length === 0 ? { status: 'ok', input } : { status: 'invalid', errors: errors.slice(0, MAX_ERRORS) };
}

/** An answer names so many mistakes at most. */
const MAX_ERRORS = 20;

function unknownParameters(query: unknown): FieldError[] {
  return Object.keys(query as object).map((field) => ({
    in: 'query',
    field,
    detail: `${field} in query: expected no such parameter`,
    isMissing: false,
  }));
}

type Issue = z.core.$ZodIssue;

function explain(issue: Issue, place: FieldError['in'], value: unknown): FieldError[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) =>
      fieldError(place, [...issue.path, key], place === 'query' ? 'no such parameter' : 'no such field', undefined),
    );
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const nearest = issue.errors.toSorted((a, b) => depth(b) - depth(a))[0] ?? [];
    return nearest.flatMap((inner) => explain({ ...inner, path: [...issue.path, ...inner.path] }, place, value));
  }
  return [fieldError(place, issue.path, expectedBy(issue), valueAt(value, issue.path))];
}

const depth = (issues: readonly Issue[]): number => Math.max(0, ...issues.map(({ path }) => path.length));

function fieldError(
  place: FieldError['in'],
  path: readonly PropertyKey[],
  expected: string,
  found: { readonly value: unknown } | undefined,
): FieldError {
  const field = formatPath(path);
  const isMissing = found !== undefined && found.value === undefined;
  const what = found === undefined ? '' : `, found ${describe(found.value)}`;
  return {
    in: place,
    field,
    detail: `${field === '' ? place : `${field} in ${place}`}: expected ${expected}${what}`,
    isMissing,
  };
}

function expectedBy(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return NOUNS[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return `one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'too_small':
      return issue.origin === 'string' ? 'text that is not empty' : `at least ${issue.minimum}${unitOf(issue.origin)}`;
    case 'too_big':
      return `at most ${issue.maximum}${unitOf(issue.origin)}`;
    case 'custom':
      return issue.message;
    default:
      return issue.message;
  }
}

const NOUNS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};
const unitOf = (origin: string): string => (origin === 'string' ? ' characters' : origin === 'array' ? ' entries' : '');

/** Kinds only: a value that was sent in the wrong place may be a secret. */
function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'string' ? 'text' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): { readonly value: unknown } {
  const found = path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined),
    value,
  );
  return { value: found };
}

function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`),
    '',
  );
}
