/** What a channel was last told about a group. */
export interface NotificationRecord {
  readonly notifiedAtMs: number;
  /** Fingerprints that were firing, and that were resolved, when it was told. */
  readonly firing: ReadonlySet<string>;
  readonly resolved: ReadonlySet<string>;
  /**
   * Those it was told of as firing, and not as over since: more than `firing` where some were muted when it was told last. They count as new
   * when they are not muted any more, but their end is owed.
   */
  readonly believed: ReadonlySet<string>;
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
export type KeepQuietReason = 'nothing_firing' | 'all_muted' | 'unchanged';

/** Why a channel's record forgets alerts without a word. */
export type ForgetReason = 'resolved_not_wanted' | 'resolved_while_muted';

/** `clear`: nothing is sent, but of what was told only `told` stays in the record. */
export type NotifyDecision =
  | { readonly action: 'send'; readonly reason: NotifyReason }
  | { readonly action: 'clear'; readonly reason: ForgetReason; readonly told: ReadonlySet<string> }
  | { readonly action: 'none'; readonly reason: KeepQuietReason };

/** Fingerprints of a group's members at one look; none is in two sets. */
export interface Look {
  readonly firing: ReadonlySet<string>;
  /** Those that resolved since the group was last looked at. */
  readonly resolved: ReadonlySet<string>;
  readonly mutedFiring: ReadonlySet<string>;
  readonly mutedResolved: ReadonlySet<string>;
}

export const NOTHING: ReadonlySet<string> = new Set();
const send = (reason: NotifyReason): NotifyDecision => ({ action: 'send', reason });

/**
 * Decides whether a channel is told about a group now, and why. Muted alerts are as good as not there, but that they fire is not forgotten.
 * Source of the rules: Alertmanager's behaviour when it deduplicates notifications; `previous_failed` and what is forgotten without a
 * word are ours.
 *
 * @param previous what it was told last, `undefined` for never
 */
export function decideNotify(
  previous: NotificationRecord | undefined,
  look: Look,
  nowMs: number,
  policy: NotifyPolicy,
): NotifyDecision {
  const { firing, resolved, mutedFiring, mutedResolved } = look;
  // Whoever is not told of an end has to be told when it begins anew.
  const told = (previous?.firing ?? NOTHING).difference(mutedResolved);
  if (firing.size === 0) {
    // What fired and resolved since the last look was never heard of: nothing to take back.
    const isOwed = previous !== undefined && !resolved.isDisjointFrom(previous.believed);
    if (!previous || (told.isSubsetOf(mutedFiring) && !isOwed)) return keepQuiet(previous, told, quietReason(look));
    if (policy.sendResolved) return send('all_resolved');
    return { action: 'clear', reason: 'resolved_not_wanted', told: told.intersection(mutedFiring) };
  }
  if (!previous || told.size === 0) return send('first_notification');
  if (!firing.isSubsetOf(told)) return send('new_firing');
  if (previous.failed) return send('previous_failed');
  if (policy.sendResolved && !resolved.isSubsetOf(previous.resolved)) return send('some_resolved');
  // What was told later than now was told before the clock was set back: nobody knows how long ago that is.
  const sinceMs = nowMs - previous.notifiedAtMs;
  if (sinceMs >= policy.repeatIntervalMs || sinceMs < 0) return send('repeat_interval');
  const gone = policy.sendResolved ? NOTHING : told.difference(firing).difference(mutedFiring);
  // Alertmanager keeps them, and keeps quiet when they fire again.
  if (gone.size > 0) return { action: 'clear', reason: 'resolved_not_wanted', told: told.difference(gone) };
  return keepQuiet(previous, told, 'unchanged');
}

/** What a channel believes to fire once it was told of `firing` and of the end of `over`; nothing that has left the group. */
export function believedAfter(
  previous: NotificationRecord | undefined,
  told: { readonly firing: ReadonlySet<string>; readonly over: ReadonlySet<string> },
  { firing, resolved, mutedFiring }: Look,
  sendResolved: boolean,
): ReadonlySet<string> {
  const present = firing.union(mutedFiring).union(sendResolved ? resolved : NOTHING);
  return (previous?.believed ?? NOTHING).union(told.firing).difference(told.over).intersection(present);
}

function quietReason({ mutedFiring, mutedResolved }: Look): KeepQuietReason {
  return mutedFiring.size + mutedResolved.size > 0 ? 'all_muted' : 'nothing_firing';
}

/** Says nothing; what ended while it was muted is forgotten. */
function keepQuiet(
  previous: NotificationRecord | undefined,
  told: ReadonlySet<string>,
  reason: KeepQuietReason,
): NotifyDecision {
  if (!previous || told.size === previous.firing.size) return { action: 'none', reason };
  return { action: 'clear', reason: 'resolved_while_muted', told };
}
