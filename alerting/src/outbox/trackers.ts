import { isTracker } from '../channels/registry.ts';
import { type ChannelAddress, type ChannelKind, formatChannel } from '../channels/channel.ts';
import type { Database } from '../store/database.ts';
import type { Digests } from './digest.ts';
import { type Ended, keyOf, type Outbox } from './outbox.ts';

/** What a due lane would do in a tracker. */
export interface TrackedLane {
  readonly groupKey: string;
  /** Its newest notification. */
  readonly id: string;
  /**
   * opens: something new, which wakes somebody. follows: it brings up to date, or ends, what is open. member: a part of a digest that is open. digest: a digest
   * that is not open yet.
   */
  readonly does: 'opens' | 'follows' | 'member' | 'digest';
  readonly resolves: boolean;
  /** Of a member. */
  readonly digestLane: string | undefined;
}

/**
 * What is open in PagerDuty, Opsgenie and the like. They have one incident for each group, and each new one wakes somebody: where there are too many at once the
 * rest are one incident, open for as long as one of its groups goes on.
 */
export interface Trackers {
  /** Whether ends are sent to each channel. */
  apply(channels: readonly (ChannelAddress & { readonly sendResolved: boolean })[]): void;
  /** The due lanes of a channel, the longest waiting first. */
  dueLanes(channel: ChannelAddress, nowMs: number, limit: number): TrackedLane[];
  /** Remembers that these are about to open something. */
  markOpening(lanes: readonly TrackedLane[]): void;
  /** How many have been opened since then. */
  countOpened(channel: ChannelAddress, sinceMs: number, nowMs: number): number;
  /** The lanes of what waits for its first confirmation. */
  openingLanes(channel: ChannelAddress): string[];
  /** Makes one incident of these. @returns its lane, and how many groups it is */
  gather(
    channel: ChannelAddress,
    lanes: readonly string[],
    nowMs: number,
  ): { readonly lane: string; readonly count: number };
  /** Members that speak: what is over is settled, and ends the digest with the last of them; what goes on brings it up to date. */
  fold(channel: ChannelAddress, members: readonly TrackedLane[], nowMs: number): void;
  /** What came of a message; call it in the transaction that stores it. */
  ended(ended: Ended, nowMs: number): void;
  /** Forgets what is open of groups that are gone without a word, as those that ended while they were muted. @returns how many */
  forgetOld(nowMs: number): number;
}

const DUE = `SELECT newest.group_key, newest.id, newest.cause, newest.resolves, newest.opens, open.digest_lane, open.group_key IS NOT NULL AS is_open
  FROM (SELECT max(seq) AS seq FROM outbox
    WHERE status = 'pending' AND receiver = ?1 AND channel = ?2 AND channel_index = ?3
    GROUP BY group_key HAVING min(next_attempt_at_ms) <= ?4 ORDER BY min(next_attempt_at_ms) LIMIT ?5) AS lane
  JOIN outbox AS newest ON newest.seq = lane.seq
  LEFT JOIN tracker_open AS open ON open.receiver = ?1 AND open.channel = ?2 AND open.channel_index = ?3 AND open.group_key = newest.group_key`;
const MARK_OPENING = 'UPDATE outbox SET opens = 1 WHERE id = ?';
const OPENED = `SELECT count(*) AS opened FROM outbox WHERE status = 'delivered' AND in_digest = 0 AND opens = 1
  AND receiver = ? AND channel = ? AND channel_index = ? AND done_at_ms > ? AND done_at_ms <= ?`;
const OPENING = `SELECT group_key FROM outbox WHERE status = 'pending' AND opens = 1 AND receiver = ? AND channel = ? AND channel_index = ?`;
const OPEN = 'INSERT OR REPLACE INTO tracker_open VALUES (?, ?, ?, ?, ?, ?)';
const OPEN_ITSELF = 'INSERT OR IGNORE INTO tracker_open VALUES (?, ?, ?, ?, NULL, ?)';
const CLOSE = 'DELETE FROM tracker_open WHERE receiver = ? AND channel = ? AND channel_index = ? AND group_key = ?';
const CLOSE_MEMBERS = 'DELETE FROM tracker_open WHERE digest_lane = ?';
const COUNT_MEMBERS = 'SELECT count(*) AS members FROM tracker_open WHERE digest_lane = ?';
const IS_PENDING = `SELECT 1 FROM outbox WHERE status = 'pending' AND receiver = ? AND channel = ? AND channel_index = ? AND group_key = ? LIMIT 1`;
const WAS_DELIVERED = `SELECT 1 FROM outbox WHERE group_key = ? AND status = 'delivered' LIMIT 1`;
const FORGET = `DELETE FROM tracker_open WHERE opened_at_ms < ?
  AND group_key NOT IN (SELECT group_key FROM alert_groups)
  AND NOT EXISTS (SELECT 1 FROM incidents WHERE status <> 'resolved'
    AND tracker_open.group_key >= 'incident/' || id || '/' AND tracker_open.group_key < 'incident/' || id || '0')
  AND NOT EXISTS (SELECT 1 FROM outbox WHERE status = 'pending' AND receiver = tracker_open.receiver AND channel = tracker_open.channel
    AND channel_index = tracker_open.channel_index AND group_key = tracker_open.group_key)
  RETURNING receiver, channel, channel_index, digest_lane`;
/** A group may be gone for so long before its end is written. */
const FORGET_AFTER_MS = 3_600_000;

/** Keeps the table `tracker_open`. */
export function createTrackers(database: Database, outbox: Outbox, digests: Digests): Trackers {
  let wantsEnds: ReadonlySet<string> = new Set();
  const countMembers = (lane: string): number => Number(database.prepare(COUNT_MEMBERS).get(lane)?.['members'] ?? 0);
  const foldInto = (channel: ChannelAddress, lane: string, members: readonly TrackedLane[], nowMs: number): void => {
    const over = members.filter(({ resolves }) => resolves);
    const more = members.filter(({ resolves }) => !resolves);
    for (const { groupKey } of over) database.prepare(CLOSE).run(...keyOf(channel), groupKey);
    const left = countMembers(lane);
    // It waits for what the digest has yet to say, and would take its place.
    const isFree = database.prepare(IS_PENDING).get(...keyOf(channel), lane) === undefined;
    const keys = (lanes: readonly TrackedLane[]): string[] => lanes.map(({ groupKey }) => groupKey);
    if (left === 0) return void digests.compose(channel, keys(over), nowMs, lane);
    const detail = `Over; the digest it was told in has ${left} more groups.`;
    for (const { groupKey } of over) {
      const claimed = outbox.claim(channel, groupKey, nowMs);
      if (claimed) outbox.settle(claimed.notification.id, { status: 'delivered', detail }, nowMs);
    }
    if (more.length > 0 && isFree) digests.compose(channel, keys(more), nowMs, lane);
  };
  return {
    apply(channels) {
      wantsEnds = new Set(channels.filter(({ sendResolved }) => sendResolved).map(formatChannel));
    },
    dueLanes: (channel, nowMs, limit) =>
      database
        .prepare(DUE)
        .all(...keyOf(channel), nowMs, limit)
        .map(readLane),
    markOpening(lanes) {
      for (const { id } of lanes) database.prepare(MARK_OPENING).run(id);
    },
    countOpened: (channel, sinceMs, nowMs) =>
      Number(database.prepare(OPENED).get(...keyOf(channel), sinceMs, nowMs)?.['opened'] ?? 0),
    openingLanes: (channel) =>
      database
        .prepare(OPENING)
        .all(...keyOf(channel))
        .map((row) => String(row['group_key'])),
    gather: (channel, lanes, nowMs) =>
      database.transaction(() => {
        const { id, lane, parts } = digests.compose(channel, lanes, nowMs);
        database.prepare(MARK_OPENING).run(id);
        for (const { groupKey } of parts) database.prepare(OPEN).run(...keyOf(channel), groupKey, lane, nowMs);
        return { lane, count: parts.length };
      }),
    fold: (channel, members, nowMs) =>
      database.transaction(() => {
        for (const [lane, some] of Map.groupBy(members, ({ digestLane }) => digestLane))
          if (lane !== undefined) foldInto(channel, lane, some, nowMs);
      }),
    ended({ channel, groupKey, cause, settlement, isInDigest, read }, nowMs) {
      if (!isTracker(channel.kind) || isInDigest) return;
      const isDelivered = settlement.status === 'delivered';
      if (cause === 'digest') {
        // It was never opened: its groups are told anew, each by itself.
        if (!isDelivered && !database.prepare(WAS_DELIVERED).get(groupKey))
          database.prepare(CLOSE_MEMBERS).run(groupKey);
        return;
      }
      const isOver = read()?.status === 'resolved';
      if (isOver) database.prepare(CLOSE).run(...keyOf(channel), groupKey);
      else if (isDelivered) database.prepare(OPEN_ITSELF).run(...keyOf(channel), groupKey, nowMs);
    },
    forgetOld(nowMs) {
      const gone = database.prepare(FORGET).all(nowMs - FORGET_AFTER_MS);
      for (const [lane, [row]] of Map.groupBy(gone, (one) => one['digest_lane'])) {
        if (typeof lane !== 'string' || !row || countMembers(lane) > 0) continue;
        const channel = readChannel(row);
        // Nobody spoke of the end of the last of them: the digest would stay open for ever.
        if (wantsEnds.has(formatChannel(channel))) digests.end(channel, lane, nowMs);
      }
      return gone.length;
    },
  };
}

type Row = Readonly<Record<string, unknown>>;

function readChannel(row: Row): ChannelAddress {
  const kind = String(row['channel']) as ChannelKind;
  return { receiver: String(row['receiver']), kind, index: Number(row['channel_index']) };
}

function readLane(row: Row): TrackedLane {
  const lane = row['digest_lane'];
  const digestLane = typeof lane === 'string' ? lane : undefined;
  const resolves = row['resolves'] === 1;
  const isOpen = row['is_open'] === 1;
  const ofDigest = row['cause'] === 'digest' ? (row['opens'] === 1 ? 'digest' : 'follows') : undefined;
  const ofGroup = digestLane === undefined ? (resolves || isOpen ? 'follows' : 'opens') : 'member';
  return { groupKey: String(row['group_key']), id: String(row['id']), does: ofDigest ?? ofGroup, resolves, digestLane };
}
