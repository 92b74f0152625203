import type { DeliveryResult } from '../channel.ts';
import { shorten } from '../content.ts';
import { readRetryAfter } from '../retry-after.ts';

/** What a webhook answered. */
export interface WebhookAnswer {
  readonly statusCode: number;
  /** The header of that name as it came. */
  readonly retryAfter: string | undefined;
  /** The start of the body. */
  readonly text: string;
}

const MAX_QUOTE = 200;

/**
 * Judges the answer: 200 with the body `ok` (or JSON with `"ok": true`) is success; some errors come with status 200.
 * Source: Slack API documentation, "Sending messages using incoming webhooks", handling errors; "Rate limits".
 */
export function readSlackAnswer({ statusCode, retryAfter, text }: WebhookAnswer, nowMs: number): DeliveryResult {
  const quote = shorten(text.trim().replace(/\s+|\p{Cc}+/gu, ' '), MAX_QUOTE);
  const detail = `HTTP ${statusCode}${quote === '' ? '' : `: ${quote}`}`;
  const afterMs = readRetryAfter(retryAfter, nowMs);
  const patience = afterMs === undefined ? {} : { afterMs };
  if (statusCode === 429) return { status: 'retryable', reason: 'rate_limited', detail, ...patience };
  if (statusCode >= 500 || statusCode === 408)
    return { status: 'retryable', reason: 'server_error', detail, ...patience };
  if (statusCode !== 200) return { status: 'failed', reason: 'rejected', detail };
  if (quote === 'ok') return { status: 'ok' };
  const { ok, error } = parseObject(text);
  if (ok === true) return { status: 'ok' };
  if (error === 'ratelimited' || error === 'rate_limited')
    return { status: 'retryable', reason: 'rate_limited', detail, ...patience };
  return { status: 'failed', reason: 'invalid_response', detail };
}

function parseObject(text: string): { ok?: unknown; error?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
