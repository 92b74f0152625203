import type { DeliveryReason, DeliveryResult } from '../channels/channel.ts';

/** What the outbox stores about an attempt. */
export type Settlement =
  | { readonly status: 'delivered'; readonly reason?: undefined; readonly detail?: string }
  | { readonly status: 'failed'; readonly reason: DeliveryReason | 'expired'; readonly detail: string }
  | {
      readonly status: 'pending';
      readonly nextAttemptAtMs: number;
      readonly reason: DeliveryReason;
      readonly detail: string;
    };

/** First and longest pause between attempts; each is twice the one before. */
export const FIRST_RETRY_MS = 1_000;
export const LONGEST_RETRY_MS = 60_000;
/** The longest pause a channel may ask for. */
export const LONGEST_RETRY_AFTER_MS = 3_600_000;
/** What could not be delivered for so long is given up, and said so. */
export const GIVE_UP_AFTER_MS = 24 * 3_600_000;

/** The pause after this many failed attempts (1 and up), in milliseconds. */
export function backOffMs(attempts: number): number {
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempts - 1, 16));
}

/**
 * Decides what becomes of a notification after an attempt.
 *
 * @param attempts the attempts so far, this one included
 * @param createdAtMs when the notification was written
 */
export function settle(result: DeliveryResult, attempts: number, createdAtMs: number, nowMs: number): Settlement {
  if (result.status === 'ok')
    return result.detail === undefined ? { status: 'delivered' } : { status: 'delivered', detail: result.detail };
  const { reason, detail } = result;
  if (result.status === 'failed') return { status: 'failed', reason, detail };
  if (nowMs - createdAtMs >= GIVE_UP_AFTER_MS)
    return { status: 'failed', reason: 'expired', detail: `Given up after ${attempts} attempts. Last: ${detail}` };
  const afterMs = Math.min(result.afterMs ?? 0, LONGEST_RETRY_AFTER_MS);
  return { status: 'pending', nextAttemptAtMs: nowMs + Math.max(backOffMs(attempts), afterMs), reason, detail };
}
