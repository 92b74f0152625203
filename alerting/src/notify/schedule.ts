/** When a look at a group counts as held, and when the next one is. */
export interface HeldFlush {
  readonly heldAtMs: number;
  readonly nextFlushAtMs: number;
}

/**
 * Keeps the rhythm of a group: a tick that comes a little late does not push the following ones, and after a long pause (the
 * process was down) missed looks are skipped, not made up for.
 */
export function scheduledFlush(plannedAtMs: number, intervalMs: number, nowMs: number): HeldFlush {
  const missed = Math.max(0, Math.floor((nowMs - plannedAtMs) / intervalMs));
  const heldAtMs = plannedAtMs + missed * intervalMs;
  return { heldAtMs, nextFlushAtMs: heldAtMs + intervalMs };
}
