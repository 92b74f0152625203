import type { EveryKind } from '@tocsin/service/config';
import type { Outcome } from '../verdict.ts';

/** What a monitor is said to be once its attempts have been confirmed. */
export type Known = 'up' | 'degraded' | 'down';

/** One run of a monitor as its state sees it. Times on the monotonic clock, but for `unixMs`. */
export interface Attempt {
  readonly outcome: Outcome;
  readonly startMs: number;
  readonly endMs: number;
  /** Time of day at which it ended. */
  readonly unixMs: number;
}

export interface MonitorState {
  /** `undefined` before anything has been confirmed. */
  readonly known: Known | undefined;
  /** Time of day since which `known` is what it is. */
  readonly sinceUnixMs: number;
  /** The last attempt said nothing about the target. */
  readonly isUnknown: boolean;
  /** Attempts in a row that failed and do not make it down yet: when each ended. */
  readonly failedAtMs: readonly number[];
  /** Attempts in a row that were good, while it is still down. */
  readonly successes: number;
}

export const FRESH: MonitorState = { known: undefined, sinceUnixMs: 0, isUnknown: false, failedAtMs: [], successes: 0 };

export type ConfirmPolicy = Pick<EveryKind, 'confirm' | 'recoverSuccesses'>;

/** What an attempt made of a state. */
export interface Advance {
  readonly state: MonitorState;
  /** The next attempt is to begin so soon, to be sure. */
  readonly retryAfterMs?: number;
}

/**
 * What an attempt makes of a state. Down is confirmed by `failures` attempts in a row within `within` (from the end of the first to the
 * start of the last); up by `recover` good ones. An unknown attempt neither counts nor ends a row.
 * @param mayBeExplained a monitor it depends on is being looked at: it is not down before that is known
 */
export function advance(
  state: MonitorState,
  attempt: Attempt,
  { confirm, recoverSuccesses }: ConfirmPolicy,
  mayBeExplained = false,
): Advance {
  const { outcome, unixMs } = attempt;
  if (outcome === 'unknown') return { state: { ...state, isUnknown: true } };
  const base = { ...state, isUnknown: false };
  if (outcome === 'down') return failed(base, attempt, confirm, mayBeExplained);
  if (state.known === 'down' && state.successes + 1 < recoverSuccesses)
    return { state: { ...base, successes: state.successes + 1, failedAtMs: [] } };
  const sinceUnixMs = state.known === outcome ? state.sinceUnixMs : unixMs;
  return { state: { ...base, known: outcome, sinceUnixMs, failedAtMs: [], successes: 0 } };
}

function failed(
  state: MonitorState,
  { startMs, endMs, unixMs }: Attempt,
  { failures, withinMs, retryAfterMs }: EveryKind['confirm'],
  mayBeExplained: boolean,
): Advance {
  if (state.known === 'down') return { state: { ...state, successes: 0 } };
  const recent = state.failedAtMs.filter((atMs) => startMs - atMs <= withinMs);
  const failedAtMs = [...recent, endMs].slice(-failures);
  if (failedAtMs.length < failures || mayBeExplained) return { state: { ...state, failedAtMs }, retryAfterMs };
  return { state: { ...state, known: 'down', sinceUnixMs: unixMs, failedAtMs: [], successes: 0 } };
}
