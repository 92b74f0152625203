import type { Alert } from '../alert.ts';

/**
 * Joins what is known of an alert with a push of it. Where their times overlap: the earliest start, the last annotations, and of two
 * resolutions the later one; a push without an end does not shorten an end that was told. Where they do not, the push is a new occurrence.
 * Source: Alertmanager's merging (`provider/mem`, `alert.Merge`).
 * @param known has an end: the alerts of our own rules have none while they fire
 */
export function mergePush(known: Alert, said: Alert, nowMs: number): Alert {
  const old = { startsAtMs: known.startsAtMs, endsAtMs: known.endsAtMs ?? Infinity };
  const end = said.endsAtMs ?? Infinity;
  const overlaps =
    (end > old.startsAtMs && end < old.endsAtMs) ||
    (said.startsAtMs > old.startsAtMs && said.startsAtMs < old.endsAtMs);
  if (!overlaps) return said;
  const startsAtMs = Math.min(known.startsAtMs, said.startsAtMs);
  const isOver = end <= nowMs;
  const keepsOldEnd = isOver ? old.endsAtMs <= nowMs && old.endsAtMs > end : old.endsAtMs > end && !known.endsByTimeout;
  const { endsAtMs, endsByTimeout } = keepsOldEnd ? known : said;
  return { ...said, startsAtMs, endsAtMs, endsByTimeout };
}
