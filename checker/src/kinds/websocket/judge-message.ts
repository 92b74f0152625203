import type { MessageExpectation } from '@tocsin/service/config';
import { parseJson } from '../../expect/json-path.ts';
import { findUnmetInJson } from '../../expect/json-test.ts';
import { describeTest, meetsTest, showText } from '../../expect/value-test.ts';
import { unmet, type Verdict, worstOf } from '../../verdict.ts';

/**
 * Why a message is not what is expected; what is down outweighs what is degraded, of equals the first decides.
 * @param hide blacks secrets out
 * @returns `undefined` where it is
 */
export function judgeMessage(
  expected: readonly MessageExpectation[],
  text: string,
  hide: (text: string) => string,
): Verdict | undefined {
  const [first, ...others] = expected.flatMap((each) => judgeOne(each, text, hide) ?? []);
  return first && worstOf(first, ...others);
}

function judgeOne(expectation: MessageExpectation, text: string, hide: (text: string) => string): Verdict | undefined {
  const { severity, tests } = expectation;
  const miss = (wanted: string, found: string): Verdict =>
    unmet(severity, 'dialogue_mismatch', `expected ${wanted}, found ${found}`);
  if (expectation.subject === 'text') {
    const failed = tests.find((test) => !meetsTest(test, text));
    return failed && miss(`a message ${describeTest(failed)}`, showText(text, hide));
  }
  const { path } = expectation;
  const parsed = parseJson(text);
  if (parsed.status !== 'json') return miss('a message that is JSON', showText(text, hide));
  const failed = findUnmetInJson(path, tests, parsed.value);
  if (failed === undefined) return undefined;
  const found = failed.found === undefined ? 'nothing there' : showText(failed.found, hide);
  return miss(`${path} of a message ${describeTest(failed.test)}`, found);
}
