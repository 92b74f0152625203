import type { ChannelAddress } from '../channels/channel.ts';
import { formatTitle } from '../channels/content.ts';
import { composeNotification, type Notification } from '../notify/notification.ts';
import type { Database } from '../store/database.ts';
import { keyOf, type Outbox } from './outbox.ts';
import type { EndSettlement } from './settle.ts';

/** Digests: one message that stands for those of many groups. */
export interface Digests {
  /** Takes these lanes and writes, in the same step, the digest that stands for them: in a lane of its own unless it goes on with an earlier one. */
  compose(channel: ChannelAddress, groupKeys: readonly string[], nowMs: number, lane?: string): ComposedDigest;
  /** Says that what a digest stood for is over, where no message of its groups said so. */
  end(channel: ChannelAddress, lane: string, nowMs: number): void;
  /** Whether a lane is that of a digest. */
  isLane(groupKey: string): boolean;
  /** The lane of a digest of this channel that waits for its delivery. */
  pendingLane(channel: ChannelAddress): string | undefined;
  /** Whether the channel has had a digest since then. */
  hadOne(channel: ChannelAddress, sinceMs: number, nowMs: number): boolean;
}

/** A digest, and the notifications that it stands for. */
export interface ComposedDigest {
  readonly id: string;
  readonly lane: string;
  readonly parts: readonly Notification[];
}

/** The most groups of a digest; and the most titles it lists. */
export const MAX_DIGEST_GROUPS = 5_000;
export const MAX_DIGEST_TITLES = 1_000;

const LANE_PREFIX = 'digest/';
const COVER = `UPDATE outbox SET status = 'superseded', done_at_ms = ?, superseded_by = ?, in_digest = 1 WHERE id = ?`;
const PENDING = `SELECT group_key FROM outbox WHERE cause = 'digest' AND status = 'pending'
  AND receiver = ? AND channel = ? AND channel_index = ? LIMIT 1`;
const HAD = `SELECT 1 FROM outbox WHERE cause = 'digest' AND status = 'delivered'
  AND receiver = ? AND channel = ? AND channel_index = ? AND done_at_ms > ? AND done_at_ms <= ? LIMIT 1`;

/** What a digest stood for shares its fate. */
export function settlementOfCovered(digestId: string, { status, reason }: EndSettlement): EndSettlement {
  if (status === 'delivered') return { status, detail: `Told in the digest ${digestId}.` };
  if (reason === 'channel_removed' || reason === 'outbox_full')
    return { status, reason, detail: `The digest ${digestId} was given up.` };
  return { status, reason: 'digest_failed', detail: `The digest ${digestId} was refused.` };
}

/** Keeps digests in the table `outbox`. */
export function createDigests(database: Database, outbox: Outbox, newId: () => string): Digests {
  return {
    compose: (channel, groupKeys, nowMs, known) =>
      database.transaction(() => {
        const id = newId();
        const lane = known ?? `${LANE_PREFIX}${id}`;
        const parts: Notification[] = [];
        for (const groupKey of groupKeys.slice(0, MAX_DIGEST_GROUPS)) {
          const delivery = outbox.claim(channel, groupKey, nowMs);
          if (!delivery) continue;
          parts.push(delivery.notification);
          database.prepare(COVER).run(nowMs, id, delivery.notification.id);
        }
        if (parts.length > 0) outbox.enqueue(channel, composeDigest(id, channel.receiver, parts, nowMs, lane), nowMs);
        return { id, lane, parts };
      }),
    end: (channel, lane, nowMs) =>
      outbox.enqueue(channel, composeDigest(newId(), channel.receiver, [], nowMs, lane), nowMs),
    isLane: (groupKey) => groupKey.startsWith(LANE_PREFIX),
    pendingLane(channel) {
      const lane = database.prepare(PENDING).get(...keyOf(channel))?.['group_key'];
      return typeof lane === 'string' ? lane : undefined;
    },
    hadOne: (channel, sinceMs, nowMs) => database.prepare(HAD).get(...keyOf(channel), sinceMs, nowMs) !== undefined,
  };
}

/** The notification that stands for these: firing ones first, counts of all, as many alerts as any notification carries. */
export function composeDigest(
  id: string,
  receiver: string,
  parts: readonly Notification[],
  nowMs: number,
  groupKey = `${LANE_PREFIX}${id}`,
): Notification {
  const sorted = parts.toSorted((a, b) => a.status.localeCompare(b.status) || a.createdAtMs - b.createdAtMs);
  const composed = composeNotification({
    id,
    threadId: id,
    receiver,
    groupKey,
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
