import type { FieldError } from './endpoint-types.ts';

const WRONG = Symbol('wrong');

/** Reads one field. A value from the query is text, one from a body what JSON says; an absent one is `undefined`. */
export interface Reader<Value> {
  /** In words, for the answer to who got it wrong. */
  readonly expected: string;
  readonly read: (raw: unknown) => Value | typeof WRONG;
}

/** A reader for each field. */
export type Readers<Input> = { readonly [Name in keyof Input]-?: Reader<Input[Name]> };

export type ReadInput<Input> =
  | { readonly status: 'ok'; readonly input: Input }
  | { readonly status: 'wrong'; readonly errors: readonly FieldError[] };

/** The most fields that are named in one answer. */
const NAMED = 20;

/** Reads all fields, or says which are wrong; what no reader knows is wrong too. */
export function readInput<Input extends object>(
  readers: Readers<Input>,
  raw: Readonly<Record<string, unknown>>,
): ReadInput<Input> {
  const known = Object.entries(readers) as [string, Reader<unknown>][];
  const errors: FieldError[] = Object.keys(raw)
    .filter((field) => !Object.hasOwn(readers, field))
    .map((field) => ({ field: field.slice(0, 100), expected: 'no such field' }));
  const input: Record<string, unknown> = {};
  for (const [field, { expected, read }] of known) {
    const value = read(Object.hasOwn(raw, field) ? raw[field] : undefined);
    if (value === WRONG) errors.push({ field, expected });
    else if (value !== undefined) input[field] = value;
  }
  return errors.length > 0
    ? { status: 'wrong', errors: errors.slice(0, NAMED) }
    : { status: 'ok', input: input as Input };
}

/** Text of 1 to `maxLength` characters. */
export function text(maxLength: number): Reader<string> {
  return {
    expected: `text of 1 to ${maxLength} characters`,
    read: (raw) => (typeof raw === 'string' && raw !== '' && raw.length <= maxLength ? raw : WRONG),
  };
}

/** Text that matches. @param expected in words */
export function textLike(pattern: RegExp, expected: string): Reader<string> {
  return { expected, read: (raw) => (typeof raw === 'string' && pattern.test(raw) ? raw : WRONG) };
}

/** A number, whole or not; text of the query is read as one. */
export function number(from: number, to: number): Reader<number> {
  return {
    expected: `a number from ${from} to ${to}`,
    read: (raw) => {
      const value = typeof raw === 'string' && /^-?\d+(?:\.\d+)?$/.test(raw) ? Number(raw) : raw;
      return typeof value === 'number' && value >= from && value <= to ? value : WRONG;
    },
  };
}

/** A whole number. */
export function wholeNumber(from: number, to: number): Reader<number> {
  const { read } = number(from, to);
  return {
    expected: `a whole number from ${from} to ${to}`,
    read: (raw) => {
      const value = read(raw);
      return Number.isInteger(value) ? value : WRONG;
    },
  };
}

/** A moment in Unix ms: from 1970 to 2100. */
export const momentMs: Reader<number> = { ...wholeNumber(0, Date.UTC(2100, 0)), expected: 'a time in Unix ms' };

/** `true` or `false`. */
export const flag: Reader<boolean> = {
  expected: 'true or false',
  read: (raw) => (raw === true || raw === 'true' ? true : raw === false || raw === 'false' ? false : WRONG),
};

/** One of some words. */
export function oneOf<Word extends string>(...words: readonly Word[]): Reader<Word> {
  return { expected: `one of ${words.join(', ')}`, read: (raw) => words.find((word) => word === raw) ?? WRONG };
}

/** Several of what `one` reads; in a query the field repeated, or once. At most `maxItems`. */
export function listOf<Value>(one: Reader<Value>, maxItems: number): Reader<readonly Value[]> {
  return {
    expected: `at most ${maxItems}, each ${one.expected}`,
    read: (raw) => {
      const items = (raw === undefined ? [] : Array.isArray(raw) ? raw : [raw]) as readonly unknown[];
      if (items.length > maxItems) return WRONG;
      const values: Value[] = [];
      for (const item of items) {
        const value = one.read(item);
        if (value === WRONG) return WRONG;
        values.push(value);
      }
      return values;
    },
  };
}

/** What may be absent. */
export function optional<Value>(one: Reader<Value>): Reader<Value | undefined> {
  return {
    expected: `${one.expected}, or nothing`,
    read: (raw) => (raw === undefined || raw === null ? undefined : one.read(raw)),
  };
}
