import type { ValueTest } from '@tocsin/service/config';
import { cutText } from '../secrets/hide-secrets.ts';
import { parseJson, queryJson } from './json-path.ts';
import { isSeenInPart, meetsTest, textOf } from './value-test.ts';

/** What is asked of a text that should be JSON: that what a JSONPath finds is as expected, or the first of what it finds. */
export type JsonQuestion =
  | { readonly path: string; readonly tests: readonly ValueTest[] }
  | { readonly path: string; readonly tests?: undefined };

/** What a text says to a question. */
export type JsonFinding =
  | { readonly status: 'met' }
  /** `found` is the value, `undefined` where there is none; `isSeenInPart`: the test holds only as far as the value was looked at. */
  | {
      readonly status: 'unmet';
      readonly test: ValueTest;
      readonly found: string | undefined;
      readonly isSeenInPart: boolean;
    }
  /** The first value; `undefined` where there is none, or it is null. */
  | { readonly status: 'first'; readonly value: string | undefined }
  | { readonly status: 'not_json' }
  /** Nested more deeply than is looked into. */
  | { readonly status: 'too_deep' };

/** More of a value than is ever shown. */
const KEPT_CHARACTERS = 4_096;

/** Parses a text and answers a question about it. What it costs depends on both: `JsonJudge` bounds it. */
export function judgeJson(text: string, question: JsonQuestion): JsonFinding {
  const parsed = parseJson(text);
  if (parsed.status !== 'json') return parsed;
  const { path, tests } = question;
  const query = queryJson(path, parsed.value);
  // A document that is nested more deeply than the stack is deep cannot be written out again.
  try {
    const finding = tests === undefined ? findFirst(query.values()) : findUnmet(tests, query.values());
    return query.isTooDeep() ? { status: 'too_deep' } : finding;
  } catch (error) {
    if (error instanceof RangeError) return { status: 'too_deep' };
    throw error;
  }
}

function findFirst(values: Iterable<unknown>): JsonFinding {
  for (const value of values) return { status: 'first', value: value === null ? undefined : textOf(value) };
  return { status: 'first', value: undefined };
}

/** Of several values every one must be as expected; `exists` is about whether there is any. */
function findUnmet(tests: readonly ValueTest[], values: Iterable<unknown>): JsonFinding {
  let isFirst = true;
  let inPart: JsonFinding | undefined;
  for (const value of values) {
    const text = textOf(value);
    for (const test of isFirst ? tests : tests.filter(({ operator }) => operator !== 'exists')) {
      const found = cutText(text, KEPT_CHARACTERS);
      if (!meetsTest(test, text)) return { status: 'unmet', test, found, isSeenInPart: false };
      if (isSeenInPart(test, text)) inPart ??= { status: 'unmet', test, found, isSeenInPart: true };
    }
    isFirst = false;
    if (tests.every(({ operator }) => operator === 'exists')) break;
  }
  const failed = isFirst ? tests.find((test) => !meetsTest(test, undefined)) : undefined;
  return failed
    ? { status: 'unmet', test: failed, found: undefined, isSeenInPart: false }
    : (inPart ?? { status: 'met' });
}
