/** How a service's process ended, and what is known about its life so far. */
export interface ServiceEnd {
  /** Exit code, or `null` when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly livedMs: number;
  /** It has been ready at least once since the launcher started. */
  readonly wasEverReady: boolean;
  /** Ends in a row before this one, each after less than `RESET_AFTER_MS` of life. */
  readonly earlierFailures: number;
}

/** What the launcher does about it. */
export type RestartDecision =
  | { readonly action: 'restart'; readonly afterMs: number; readonly failures: number }
  | { readonly action: 'give-up'; readonly reason: 'bad-configuration' | 'never-started' };

export const FIRST_DELAY_MS = 1_000;
export const LONGEST_DELAY_MS = 30_000;
/** A process that lived this long was well: the next end counts as the first. */
export const RESET_AFTER_MS = 60_000;
/** A service that was never ready is given up after as many attempts: then the whole start has failed. */
export const START_ATTEMPTS = 3;

const BAD_CONFIGURATION = 2;

/**
 * Decides about a service that ended without being asked: restart after 1 s, doubling to 30 s, and from 1 s again after a
 * minute of life. Only a service that never came up is given up.
 */
export function decideRestart(end: ServiceEnd): RestartDecision {
  const failures = end.livedMs >= RESET_AFTER_MS ? 1 : end.earlierFailures + 1;
  if (!end.wasEverReady && end.code === BAD_CONFIGURATION) return { action: 'give-up', reason: 'bad-configuration' };
  if (!end.wasEverReady && failures >= START_ATTEMPTS) return { action: 'give-up', reason: 'never-started' };
  return { action: 'restart', afterMs: Math.min(FIRST_DELAY_MS * 2 ** (failures - 1), LONGEST_DELAY_MS), failures };
}
