/** What a channel was last told about a group. */
export interface NotificationRecord {
  readonly notifiedAtMs: number;
  /** Fingerprints that were firing, and that were resolved, when it was told. */
  readonly firing: ReadonlySet<string>;
  readonly resolved: ReadonlySet<string>;
  /** The channel refused the last notification for good, so it does not know what the record says. */
  readonly failed: boolean;
}

/** The settings of the route and of the channel that decide. */
export interface NotifyPolicy {
  readonly repeatIntervalMs: number;
  readonly sendResolved: boolean;
}

/** Why a channel is told. */
export type NotifyReason =
  'first_notification' | 'new_firing' | 'some_resolved' | 'all_resolved' | 'repeat_interval' | 'previous_failed';

/** Why a channel is not told. */
export type KeepQuietReason = 'nothing_firing' | 'unchanged';

/** `clear`: nothing is sent, but the record is brought up to date. */
export type NotifyDecision =
  | { readonly action: 'send'; readonly reason: NotifyReason }
  | { readonly action: 'clear'; readonly reason: 'resolved_not_wanted' }
  | { readonly action: 'none'; readonly reason: KeepQuietReason };

const send = (reason: NotifyReason): NotifyDecision => ({ action: 'send', reason });

/**
 * Decides whether a channel is told about a group now, and why.
 * Source of the rules: Alertmanager's behaviour when it deduplicates notifications; `previous_failed` is ours.
 *
 * @param previous what it was told last, `undefined` for never
 * @param firing fingerprints of the group's firing members
 * @param resolved fingerprints of its members that resolved since the group was last looked at
 */
export function decideNotify(
  previous: NotificationRecord | undefined,
  firing: ReadonlySet<string>,
  resolved: ReadonlySet<string>,
  nowMs: number,
  policy: NotifyPolicy,
): NotifyDecision {
  const told = previous?.firing ?? new Set();
  if (firing.size === 0) {
    // What fired and resolved since the last look was never heard of: nothing to take back.
    if (told.size === 0) return { action: 'none', reason: 'nothing_firing' };
    return policy.sendResolved ? send('all_resolved') : { action: 'clear', reason: 'resolved_not_wanted' };
  }
  if (!previous || told.size === 0) return send('first_notification');
  if (!firing.isSubsetOf(told)) return send('new_firing');
  if (previous.failed) return send('previous_failed');
  if (policy.sendResolved && !resolved.isSubsetOf(previous.resolved)) return send('some_resolved');
  if (nowMs - previous.notifiedAtMs >= policy.repeatIntervalMs) return send('repeat_interval');
  // Forgotten without a word, so that it counts as new when it fires again (Alertmanager would keep quiet then).
  if (!policy.sendResolved && !told.isSubsetOf(firing)) return { action: 'clear', reason: 'resolved_not_wanted' };
  return { action: 'none', reason: 'unchanged' };
}
