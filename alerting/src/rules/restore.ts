import type { ActiveAlert } from './advance.ts';

/** After a longer outage a pending alert begins anew. Source: Prometheus, `--rules.alert.for-outage-tolerance`. */
export const OUTAGE_TOLERANCE_MS = 3_600_000;

/** A pending alert does not fire sooner than this after a restart. Source: Prometheus, `--rules.alert.for-grace-period`. */
export const GRACE_PERIOD_MS = 600_000;

/**
 * What becomes of an alert across a restart. Firing and kept-firing alerts stay as they are, however long it took. A pending one keeps the
 * part of `for` that had gone by, without the time nobody looked; but at least the grace period is left to it, or the whole
 * `for` where that is shorter, so that what merely missed its data during the outage can arrive before anyone is woken.
 * @param seenAtMs the last evaluation before the restart
 * @returns `undefined` where the alert is forgotten
 */
export function restoreAlert(
  alert: ActiveAlert,
  seenAtMs: number,
  nowMs: number,
  forMs: number,
): ActiveAlert | undefined {
  if (alert.firedAtMs !== undefined) return alert;
  if (nowMs - seenAtMs > OUTAGE_TOLERANCE_MS) return undefined;
  const remainingMs = Math.max(forMs - Math.max(seenAtMs - alert.activeAtMs, 0), Math.min(GRACE_PERIOD_MS, forMs));
  return { ...alert, activeAtMs: nowMs + remainingMs - forMs };
}
