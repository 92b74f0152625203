import { randomUUID } from 'node:crypto';
import type { ChannelAddress } from '../../channels/channel.ts';
import type { Alert } from '../../alert.ts';
import type { Outbox } from '../../outbox/outbox.ts';
import type { AlertGroup } from '../group-store.ts';
import { composeNotification, MAX_ALERTS, MAX_ALERTS_OF_MACHINE } from '../notification.ts';
import { isMachine } from '../../channels/registry.ts';
import type { NotificationLog } from '../notification-log.ts';
import { believedAfter, decideNotify, type Look, NOTHING, type NotifyReason } from './dedup.ts';
import type { Heard } from './mute.ts';

/** A channel with the setting that its notifications depend on. */
export interface ReceiverChannel extends ChannelAddress {
  readonly sendResolved: boolean;
}

/** Where a decision is written down. */
export interface NotifyBooks {
  readonly log: NotificationLog;
  readonly outbox: Outbox;
  /** Makes idempotency keys; random UUIDs unless a test says otherwise. */
  readonly newId?: () => string;
}

/** One look at a group. */
export interface Moment {
  readonly group: AlertGroup;
  readonly heard: Heard;
  readonly repeatIntervalMs: number;
  /** When the look was planned: intervals are counted from there, so that a late tick does not push them. */
  readonly heldAtMs: number;
  readonly nowMs: number;
}

const fingerprints = (alerts: readonly Alert[]): ReadonlySet<string> => new Set(alerts.map((a) => a.fingerprint));

/** Tells a receiver's channels what they are to be told: writes the notification and the record of it, or neither. Call it in a transaction. */
export function notify(books: NotifyBooks, channels: readonly ReceiverChannel[], moment: Moment): void {
  const { firing, resolved, mutedFiring, mutedResolved } = moment.heard;
  const look = { firing: fingerprints(firing), resolved: fingerprints(resolved), mutedFiring, mutedResolved };
  for (const channel of channels) notifyChannel(books, channel, moment, look);
}

function notifyChannel(
  { log, outbox, newId = randomUUID }: NotifyBooks,
  channel: ReceiverChannel,
  { group, heard, repeatIntervalMs, heldAtMs, nowMs }: Moment,
  look: Look,
): void {
  const { groupKey, groupLabels } = group;
  const { receiver, sendResolved } = channel;
  const previous = log.find(groupKey, channel);
  const decision = decideNotify(previous, look, heldAtMs, { repeatIntervalMs, sendResolved });
  if (decision.action === 'none') return;
  if (decision.action === 'clear') {
    const { told } = decision;
    // A channel that is told of ends may have one waiting that it has to hear.
    if (told.size === 0 && heard.firing.length === 0 && !sendResolved) outbox.withdraw(groupKey, channel, nowMs);
    const believed = believedAfter(previous, { firing: NOTHING, over: NOTHING }, look, sendResolved);
    if (previous) log.save(groupKey, channel, { ...previous, firing: told, resolved: look.resolved, believed });
    return;
  }
  const { reason } = decision;
  const id = newId();
  const threadId = reason === 'first_notification' ? id : (previous?.threadId ?? id);
  const over = sendResolved ? heard.resolved.filter(mayBeTold(reason, previous?.believed)) : [];
  const parts = { id, threadId, receiver, groupKey, groupLabels, reason, createdAtMs: nowMs };
  const maxAlerts = isMachine(channel.kind) ? MAX_ALERTS_OF_MACHINE : MAX_ALERTS;
  outbox.enqueue(channel, composeNotification({ ...parts, firing: heard.firing, resolved: over }, maxAlerts), nowMs);
  const { firing, resolved } = look;
  const believed = believedAfter(previous, { firing, over: fingerprints(over) }, look, sendResolved);
  const record = { firing, resolved, believed, notifiedAtMs: heldAtMs, failed: false };
  log.save(groupKey, channel, { ...record, notificationId: id, threadId });
}

/** The first message tells nobody that something is over that they were never told of. */
function mayBeTold(reason: NotifyReason, believed: ReadonlySet<string> = NOTHING): (alert: Alert) => boolean {
  return ({ fingerprint }) => reason !== 'first_notification' || believed.has(fingerprint);
}
