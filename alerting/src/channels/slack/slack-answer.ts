import type { DeliveryResult } from '../channel.ts';
import type { HttpAnswer } from '../http/http-sender.ts';
import { judgeStatus, patience, quote, readObject } from '../http/judge-answer.ts';

/**
 * Judges the answer of an incoming webhook: 200 with the body `ok` (or JSON with `"ok": true`) is success; some errors come with
 * status 200. Source: Slack API documentation, "Sending messages using incoming webhooks", handling errors; "Rate limits".
 */
export function readSlackAnswer(answer: HttpAnswer, nowMs: number): DeliveryResult {
  const judged = judgeStatus(answer, nowMs);
  if (judged.status !== 'ok') return judged;
  if (answer.text.trim() === 'ok') return judged;
  const { ok, error } = readObject(answer);
  if (ok === true) return judged;
  const detail = quote(answer);
  if (error === 'ratelimited' || error === 'rate_limited')
    return { status: 'retryable', reason: 'rate_limited', detail, ...patience(answer, nowMs) };
  return { status: 'failed', reason: 'invalid_response', detail };
}
