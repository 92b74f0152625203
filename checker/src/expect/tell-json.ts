import { unknown, type Verdict } from '../verdict.ts';
import type { JsonOutcome } from './json-judge.ts';
import { describeTest, showSize, showText } from './value-test.ts';

/** How an outcome is told. */
export interface TellingOfJson {
  /** What is named as the value; a JSONPath. */
  readonly path: string;
  /** What the text is: `body` or `message`. */
  readonly text: string;
  readonly sizeBytes: number;
  /** The beginning of the text. */
  readonly showText: () => string;
  /** The verdict on an expectation that is not met. */
  readonly miss: (expected: string, found: string) => Verdict;
  /** Blacks secrets out. */
  readonly hide: (text: string) => string;
}

/**
 * Why a text is not as expected, or that it cannot be known, for it is too much for this checker.
 * @returns `undefined` where it is
 */
export function verdictOfJson(outcome: JsonOutcome, telling: TellingOfJson): Verdict | undefined {
  const { path, text, sizeBytes, miss, hide } = telling;
  switch (outcome.status) {
    case 'met':
    case 'first':
      return undefined;
    case 'not_json':
      return miss(`a ${text} that is JSON`, telling.showText());
    case 'too_deep':
      return miss(`a ${text} in which ${path} can be looked for`, 'one that is nested too deeply (200 levels)');
    case 'unmet': {
      const { test, found, isSeenInPart } = outcome;
      if (isSeenInPart)
        return miss(
          `${path} ${describeTest(test)}`,
          'it does not in its first MiB, which is all that a pattern looks at',
        );
      return miss(`${path} ${describeTest(test)}`, found === undefined ? 'nothing there' : showText(found, hide));
    }
    case 'exhausted': {
      const what = outcome.of === 'time' ? 'time' : 'memory';
      const sentence = `expected to look for ${path} in a ${text} of ${showSize(sizeBytes)}, found that it takes this checker more ${what} than it has`;
      return unknown('local_resources', sentence);
    }
    case 'refused':
      return unknown(
        'local_resources',
        `expected to look for ${path}, found too many others that wait for this checker to do so`,
      );
  }
}
