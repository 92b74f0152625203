import type { DeliveryReason, DeliveryResult } from '../channels/channel.ts';

/** Why a notification was given up, besides what the channel said. */
export type GivenUpReason = 'expired' | 'outbox_full' | 'channel_removed' | 'digest_failed';

/** How it ended for a notification. */
export type EndSettlement =
  | { readonly status: 'delivered'; readonly reason?: undefined; readonly detail?: string }
  | { readonly status: 'failed'; readonly reason: DeliveryReason | GivenUpReason; readonly detail: string };

/** What the outbox stores about an attempt. */
export type Settlement =
  | EndSettlement
  | {
      readonly status: 'pending';
      readonly nextAttemptAtMs: number;
      readonly reason: DeliveryReason;
      readonly detail: string;
      /** The channel refused it, and it is tried again all the same. */
      readonly isRefused: boolean;
    };

/** First and longest pause between attempts; each is twice the one before. */
export const FIRST_RETRY_MS = 1_000;
export const LONGEST_RETRY_MS = 60_000;
/** The longest pause a channel may ask for. */
export const LONGEST_RETRY_AFTER_MS = 3_600_000;
/** First and longest pause before what was refused is tried again; each is twice the one before. */
export const FIRST_REFUSED_MS = 300_000;
export const LONGEST_REFUSED_MS = 3_600_000;
/** What could not be delivered for so long is given up, and said so. */
export const GIVE_UP_AFTER_MS = 24 * 3_600_000;

/** The pause after this many failed attempts (1 and up), in milliseconds. */
export function backOffMs(attempts: number, firstMs = FIRST_RETRY_MS, longestMs = LONGEST_RETRY_MS): number {
  return Math.min(longestMs, firstMs * 2 ** Math.min(attempts - 1, 16));
}

/** What a decision about an attempt knows of its notification. */
export interface Attempted {
  /** The attempts so far, this one included. */
  readonly attempts: number;
  readonly createdAtMs: number;
  /** It says that something is over: no later one would, so that it is tried again though it was refused. */
  readonly tellsEnd: boolean;
}

/** Decides what becomes of a notification after an attempt. */
export function settle(
  result: DeliveryResult,
  { attempts, createdAtMs, tellsEnd }: Attempted,
  nowMs: number,
): Settlement {
  if (result.status === 'ok')
    return result.detail === undefined ? { status: 'delivered' } : { status: 'delivered', detail: result.detail };
  const { reason, detail } = result;
  const isOld = nowMs - createdAtMs >= GIVE_UP_AFTER_MS;
  if (result.status === 'failed') {
    if (!tellsEnd || isOld) return { status: 'failed', reason, detail };
    const nextAttemptAtMs = nowMs + backOffMs(attempts, FIRST_REFUSED_MS, LONGEST_REFUSED_MS);
    return { status: 'pending', nextAttemptAtMs, reason, detail, isRefused: true };
  }
  if (isOld)
    return { status: 'failed', reason: 'expired', detail: `Given up after ${attempts} attempts. Last: ${detail}` };
  const afterMs = Math.min(result.afterMs ?? 0, LONGEST_RETRY_AFTER_MS);
  const nextAttemptAtMs = nowMs + Math.max(backOffMs(attempts), afterMs);
  return { status: 'pending', nextAttemptAtMs, reason, detail, isRefused: false };
}
