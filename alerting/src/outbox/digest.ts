import type { ChannelAddress } from '../channels/channel.ts';
import { formatTitle } from '../channels/content.ts';
import { composeNotification, type Notification } from '../notify/notification.ts';
import type { Database } from '../store/database.ts';
import { keyOf, type Outbox } from './outbox.ts';

/** Digests: one message that stands for those of many groups. */
export interface Digests {
  /** Takes these lanes and writes, in the same step, the digest that stands for them. @returns how many notifications that is */
  compose(channel: ChannelAddress, groupKeys: readonly string[], nowMs: number): number;
  /** The lane of a digest of this channel that waits for its delivery. */
  pendingLane(channel: ChannelAddress): string | undefined;
  /** Whether the channel has had a digest since then. */
  hadOne(channel: ChannelAddress, sinceMs: number, nowMs: number): boolean;
  /** What a digest stood for shares its fate: delivered with it, or told again where it was refused. */
  settle(digestId: string, status: 'delivered' | 'failed', nowMs: number): void;
}

/** The most groups of a digest; and the most titles it lists. */
export const MAX_DIGEST_GROUPS = 5_000;
export const MAX_DIGEST_TITLES = 1_000;

const LANE_PREFIX = 'digest/';
const COVER = `UPDATE outbox SET status = 'superseded', payload = NULL, done_at_ms = ?, superseded_by = ?, in_digest = 1 WHERE id = ?`;
const PENDING = `SELECT group_key FROM outbox WHERE cause = 'digest' AND status = 'pending'
  AND receiver = ? AND channel = ? AND channel_index = ? LIMIT 1`;
const HAD = `SELECT 1 FROM outbox WHERE cause = 'digest' AND status = 'delivered'
  AND receiver = ? AND channel = ? AND channel_index = ? AND done_at_ms > ? AND done_at_ms <= ? LIMIT 1`;
const SHARE = `UPDATE outbox SET status = ?, done_at_ms = ?, last_reason = ?, last_detail = ? WHERE superseded_by = ? AND in_digest = 1`;
const MARK_UNTOLD = `UPDATE notification_log SET failed = 1 WHERE notification_id IN
  (SELECT id FROM outbox WHERE superseded_by = ? AND in_digest = 1)`;

/** Keeps digests in the table `outbox`. */
export function createDigests(database: Database, outbox: Outbox, newId: () => string): Digests {
  return {
    compose: (channel, groupKeys, nowMs) =>
      database.transaction(() => {
        const id = newId();
        const parts: Notification[] = [];
        for (const groupKey of groupKeys.slice(0, MAX_DIGEST_GROUPS)) {
          const delivery = outbox.claim(channel, groupKey, nowMs);
          if (!delivery) continue;
          parts.push(delivery.notification);
          database.prepare(COVER).run(nowMs, id, delivery.notification.id);
        }
        if (parts.length > 0) outbox.enqueue(channel, composeDigest(id, channel.receiver, parts, nowMs), nowMs);
        return parts.length;
      }),
    pendingLane(channel) {
      const lane = database.prepare(PENDING).get(...keyOf(channel))?.['group_key'];
      return typeof lane === 'string' ? lane : undefined;
    },
    hadOne: (channel, sinceMs, nowMs) => database.prepare(HAD).get(...keyOf(channel), sinceMs, nowMs) !== undefined,
    settle(digestId, status, nowMs) {
      const delivered = status === 'delivered';
      const detail = delivered ? `Told in the digest ${digestId}.` : `The digest ${digestId} was refused.`;
      database.prepare(SHARE).run(status, nowMs, delivered ? null : 'digest_failed', detail, digestId);
      if (!delivered) database.prepare(MARK_UNTOLD).run(digestId);
    },
  };
}

/** The notification that stands for these: firing ones first, counts of all, as many alerts as any notification carries. */
export function composeDigest(
  id: string,
  receiver: string,
  parts: readonly Notification[],
  nowMs: number,
): Notification {
  const sorted = parts.toSorted((a, b) => a.status.localeCompare(b.status) || a.createdAtMs - b.createdAtMs);
  const composed = composeNotification({
    id,
    threadId: id,
    receiver,
    groupKey: `${LANE_PREFIX}${id}`,
    groupLabels: {},
    reason: 'digest',
    firing: sorted.flatMap(({ firing }) => firing),
    resolved: sorted.flatMap(({ resolved }) => resolved),
    createdAtMs: nowMs,
  });
  const sum = (count: (part: Notification) => number): number => parts.reduce((total, part) => total + count(part), 0);
  const titles = sorted.slice(0, MAX_DIGEST_TITLES).map(formatTitle);
  return {
    ...composed,
    firingCount: sum(({ firingCount }) => firingCount),
    resolvedCount: sum(({ resolvedCount }) => resolvedCount),
    digest: { groupCount: parts.length, titles },
  };
}
