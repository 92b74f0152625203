import { formatDuration } from '@tocsin/service/config';
import { unknown, type Verdict } from './verdict.ts';

/** What of a run's time was not the target's. Milliseconds. */
export interface RunTimes {
  readonly totalMs: number;
  /** For how long the checker itself stood still. */
  readonly stalledMs: number;
  /** For how long names were looked up. */
  readonly resolveMs: number;
  readonly timeoutMs: number;
  /** The expected latency, `undefined` where none is. */
  readonly latencyMs: number | undefined;
}

/** A connection that broke while the checker stood still for so long may have been given up by the other side because of it. */
const LONG_STALL_MS = 1_000;

/**
 * A failure that is about time says nothing of the target where the time was spent on our side: the checker stood still, or the
 * resolver took more than half of what was allowed. Any other verdict stays.
 */
export function discountOwnTrouble(verdict: Verdict, times: RunTimes): Verdict {
  const { totalMs, stalledMs, resolveMs, timeoutMs, latencyMs } = times;
  const stalled = unknown(
    'local_resources',
    `the checker itself stood still for ${formatDuration(Math.ceil(stalledMs))} of this run: ${verdict.message}`,
  );
  switch (verdict.reason) {
    case 'reset':
    case 'connection_closed':
      return stalledMs >= LONG_STALL_MS ? stalled : verdict;
    case 'timeout':
    case 'connect_timeout':
    case 'latency_exceeded': {
      const allowedMs = verdict.reason === 'latency_exceeded' && latencyMs !== undefined ? latencyMs : timeoutMs;
      if (stalledMs > 0 && totalMs - stalledMs < allowedMs) return stalled;
      if (resolveMs <= allowedMs / 2 || totalMs - stalledMs - resolveMs >= allowedMs) return verdict;
      const took = formatDuration(Math.ceil(resolveMs));
      return unknown('dns_unavailable', `the checker's resolver took ${took} of this run: ${verdict.message}`);
    }
    default:
      return verdict;
  }
}
