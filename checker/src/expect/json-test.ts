import type { ValueTest } from '@tocsin/service/config';
import { queryJson } from './json-path.ts';
import { meetsTest, textOf } from './value-test.ts';

/** A test that a document does not meet, with the value that does not; `undefined` where there is none. */
export interface UnmetInJson {
  readonly test: ValueTest;
  readonly found: string | undefined;
}

/**
 * The first test that what a JSONPath finds does not meet. Of several values every one must be as expected; `exists` is about whether
 * there is any.
 */
export function findUnmetInJson(path: string, tests: readonly ValueTest[], document: unknown): UnmetInJson | undefined {
  const values = queryJson(path, document).map(textOf);
  for (const test of tests) {
    const judged = values.length === 0 || test.operator === 'exists' ? [values[0]] : values;
    const wrong = judged.findIndex((value) => !meetsTest(test, value));
    if (wrong >= 0) return { test, found: judged[wrong] };
  }
  return undefined;
}
