import type { DeliveryReason, DeliveryResult } from '../channel.ts';
import { shorten } from '../content.ts';
import { readRetryAfter } from '../retry-after.ts';
import type { HttpAnswer } from './http-sender.ts';

const MAX_QUOTE = 200;

type Verdict = readonly ['ok' | 'retryable' | 'failed', DeliveryReason];

/**
 * What a status means for every channel: the first line that holds. Sources: RFC 9110, 15; RFC 6585, 4 (429); RFC 8470, 5.2 (425).
 */
const VERDICTS: readonly (readonly [from: number, to: number, ...verdict: Verdict])[] = [
  [200, 299, 'ok', 'invalid_response'],
  [401, 401, 'failed', 'authentication_failed'],
  [407, 407, 'retryable', 'connection_failed'],
  [408, 408, 'retryable', 'server_error'],
  [425, 425, 'retryable', 'server_error'],
  [429, 429, 'retryable', 'rate_limited'],
  [500, 599, 'retryable', 'server_error'],
  // Redirects too: a webhook that has moved is for somebody to look at.
  [300, 499, 'failed', 'rejected'],
];

/** Judges an answer by its status. What is retried keeps the patience the other side asks for. */
export function judgeStatus(answer: HttpAnswer, nowMs: number): DeliveryResult {
  const { statusCode } = answer;
  const verdict = VERDICTS.find(([from, to]) => statusCode >= from && statusCode <= to);
  const detail = quote(answer);
  if (!verdict) return { status: 'retryable', reason: 'invalid_response', detail };
  const [, , status, reason] = verdict;
  if (status === 'ok') return { status };
  if (status === 'failed') return { status, reason, detail };
  return { status, reason, detail, ...patience(answer, nowMs) };
}

/** What the other side asked for with `Retry-After`. */
export function patience({ retryAfter }: HttpAnswer, nowMs: number): { readonly afterMs?: number } {
  const afterMs = readRetryAfter(retryAfter, nowMs);
  return afterMs === undefined ? {} : { afterMs };
}

/** `HTTP 403: action_prohibited`: status and the start of the answer, on one line. */
export function quote({ statusCode, text }: HttpAnswer): string {
  const start = shorten(text.trim().replace(/\s+|\p{Cc}+/gu, ' '), MAX_QUOTE);
  return `HTTP ${statusCode}${start === '' ? '' : `: ${start}`}`;
}

/** The answer as a JSON object; an empty one where it is none. */
export function readObject({ text }: HttpAnswer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** For services that answer success in JSON: a 2xx that is none, or says otherwise, is no success. */
export function demandJson(
  answer: HttpAnswer,
  nowMs: number,
  isSuccess: (answer: Readonly<Record<string, unknown>>) => boolean,
): DeliveryResult {
  const judged = judgeStatus(answer, nowMs);
  if (judged.status !== 'ok' || isSuccess(readObject(answer))) return judged;
  return { status: 'failed', reason: 'invalid_response', detail: quote(answer) };
}
