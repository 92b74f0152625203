import type { HttpExpectation, RequestSettings } from '@tocsin/service/config';
import { jsonJudgeOf } from '../../expect/json-judge.ts';
import type { ProbeContext } from '../kind.ts';
import { type BodyText, readBodyText } from './body.ts';
import type { Journey, Response } from './journey.ts';
import { judgeResponse, type Judgement } from './judge-response.ts';

/** What an answer is judged by. */
export interface JudgeOptions {
  readonly journey: Journey;
  readonly settings: RequestSettings;
  readonly expect: readonly HttpExpectation[];
  readonly context: ProbeContext;
}

/** Judges the last answer of a request; phases are those of this request and its redirects. */
export function judgeAnswer(
  response: Response,
  { journey, settings, expect, context }: JudgeOptions,
): Promise<Judgement> {
  const { answer, certificate, startOffsetMs, endOffsetMs, tokenMs } = response;
  let body: Promise<BodyText> | undefined;
  return judgeResponse(expect, {
    statusCode: answer.statusCode,
    headers: answer.headers,
    readBody: () => (body ??= readBodyText(answer, settings)),
    askJson: (text, question) =>
      jsonJudgeOf(context.network).ask(text, question, { target: response.url.host, signal: journey.limit.signal }),
    certificate,
    timeMs(wanted) {
      if (wanted === 'total') return endOffsetMs - startOffsetMs - tokenMs;
      return journey.recorder.phases
        .filter((phase) => phase.name === wanted && phase.startOffsetMs >= startOffsetMs)
        .reduce((sumMs, { durationMs }) => sumMs + durationMs, 0);
    },
    nowUnixMs: context.clock.wallMs(),
    hide: journey.hide,
  });
}
