import type { MessageExpectation } from '@tocsin/service/config';
import { jsonJudgeOf } from '../../expect/json-judge.ts';
import { verdictOfJson } from '../../expect/tell-json.ts';
import { describeTest, isSeenInPart, meetsTest, showText } from '../../expect/value-test.ts';
import { unmet, type Verdict, worstOf } from '../../verdict.ts';
import type { Look } from '../look.ts';

/** How a message is judged. */
export interface JudgeMessageOptions extends Pick<Look, 'network' | 'signal' | 'hide'> {
  readonly target: string;
}

/**
 * Why a message is not what is expected; what is down outweighs what is degraded, of equals the first decides.
 * @returns `undefined` where it is
 */
export async function judgeMessage(
  expected: readonly MessageExpectation[],
  text: string,
  options: JudgeMessageOptions,
): Promise<Verdict | undefined> {
  const verdicts: Verdict[] = [];
  for (const each of expected) verdicts.push(...[(await judgeOne(each, text, options)) ?? []].flat());
  const [first, ...others] = verdicts;
  return first && worstOf(first, ...others);
}

async function judgeOne(
  expectation: MessageExpectation,
  text: string,
  { network, signal, hide, target }: JudgeMessageOptions,
): Promise<Verdict | undefined> {
  const { severity, tests } = expectation;
  const miss = (wanted: string, found: string): Verdict =>
    unmet(severity, 'dialogue_mismatch', `expected ${wanted}, found ${found}`);
  if (expectation.subject === 'text') {
    const failed = tests.find((test) => !meetsTest(test, text));
    if (failed) return miss(`a message ${describeTest(failed)}`, showText(text, hide));
    const inPart = tests.find((test) => isSeenInPart(test, text));
    const part = 'it does not in its first MiB, which is all that a pattern looks at';
    return inPart && miss(`a message ${describeTest(inPart)}`, part);
  }
  const { path } = expectation;
  return verdictOfJson(await jsonJudgeOf(network).ask(text, { path, tests }, { target, signal }), {
    path: `${path} of a message`,
    text: 'message',
    sizeBytes: text.length,
    showText: () => showText(text, hide),
    miss,
    hide,
  });
}
