import type { ChannelAddress, ChannelKind } from '../channels/channel.ts';
import { formatTitle } from '../channels/content.ts';
import { absorbOlder, type Notification } from '../notify/notification.ts';
import type { Database } from '../store/database.ts';
import type { Settlement } from './settle.ts';

/** A notification that waits for its delivery. */
export interface PendingDelivery {
  readonly channel: ChannelAddress;
  readonly notification: Notification;
  /** Attempts so far. */
  readonly attempts: number;
  readonly createdAtMs: number;
  readonly nextAttemptAtMs: number;
  /** How many older notifications of the lane this claim has put aside. */
  readonly supersededCount: number;
  /** Since when the lane waits: from its oldest notification that was not delivered. */
  readonly waitingSinceMs: number;
}

/**
 * Notifications, written before they are sent and marked after the channel confirmed. The notifications of one group for one
 * channel are a lane: of a lane only the newest is ever sent, so a 'resolved' cannot overtake a 'firing'.
 */
export interface Outbox {
  /** Writes a notification down; call it in the transaction that stores the decision. */
  enqueue(channel: ChannelAddress, notification: Notification, nowMs: number): void;
  /** Gives up the lane's pending notifications: there is nothing left to tell. */
  withdraw(groupKey: string, channel: ChannelAddress, nowMs: number): number;
  /** The lanes (by group key) of a channel in which something is due, the longest waiting first. */
  dueLanes(channel: ChannelAddress, nowMs: number, limit: number): string[];
  /** Takes the newest notification of a lane, and in the same step marks the older ones superseded by it. */
  claim(channel: ChannelAddress, groupKey: string, nowMs: number): PendingDelivery | undefined;
  /** Puts a notification off without counting an attempt. */
  postpone(id: string, untilMs: number): void;
  /** Counts the attempt and stores what came of it. */
  settle(id: string, settlement: Settlement, nowMs: number): void;
  /** Marks what waits for channels that are no longer configured as failed. @returns how many */
  dropOrphans(channels: readonly ChannelAddress[], nowMs: number): number;
  /** Everything pending is due at once: the configuration has changed. */
  expedite(nowMs: number): void;
  countPending(): number;
  /** Gives up the oldest ones so that so many are left at most; they are told again with the next look at their groups. @returns how many */
  dropBeyond(limit: number, nowMs: number): number;
  /** How many messages the channel has had since then; what a digest stood for does not count, nor what a clock set back makes future. */
  countSent(channel: ChannelAddress, sinceMs: number, nowMs: number): number;
  /** How many are due since before then and not tried, or wait for longer than ten minutes more, however often they were tried. */
  countOverdue(beforeMs: number): number;
  /** Forgets finished ones after 7 days, and beyond 50 000. @returns how many */
  forgetOld(nowMs: number): number;
}

const RETENTION_MS = 7 * 86_400_000;
const MAX_FINISHED = 50_000;
/** What is tried in vain for so long does not get through. */
const UNDELIVERED_MS = 600_000;

const ENQUEUE = `INSERT INTO outbox
  (id, group_key, receiver, channel, channel_index, cause, title, payload, status, created_at_ms, next_attempt_at_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'pending', ?, ?)`;
const WITHDRAW = `UPDATE outbox SET status = 'superseded', payload = NULL, done_at_ms = ?
  WHERE status = 'pending' AND receiver = ? AND channel = ? AND channel_index = ? AND group_key = ?`;
const DUE_LANES = `SELECT DISTINCT group_key FROM outbox
  WHERE status = 'pending' AND receiver = ? AND channel = ? AND channel_index = ? AND next_attempt_at_ms <= ?
  ORDER BY next_attempt_at_ms LIMIT ?`;
const LANE = `SELECT id, payload, attempts, created_at_ms, next_attempt_at_ms, coalesce(waiting_since_ms, created_at_ms) AS waiting_since_ms
  FROM outbox
  WHERE status = 'pending' AND receiver = ? AND channel = ? AND channel_index = ? AND group_key = ? ORDER BY seq DESC`;
const SUPERSEDE = `UPDATE outbox SET status = 'superseded', payload = NULL, done_at_ms = ?, superseded_by = ? WHERE id = ?`;
const REWRITE = 'UPDATE outbox SET payload = ?, waiting_since_ms = ? WHERE id = ?';
const POSTPONE = 'UPDATE outbox SET next_attempt_at_ms = ? WHERE id = ?';
const FINISH = `UPDATE outbox SET status = ?, payload = NULL, attempts = attempts + 1, done_at_ms = ?, last_reason = ?, last_detail = ?
  WHERE id = ?`;
const RETRY = `UPDATE outbox SET attempts = attempts + 1, next_attempt_at_ms = ?, last_reason = ?, last_detail = ? WHERE id = ?`;
const PENDING_CHANNELS = `SELECT DISTINCT receiver, channel, channel_index FROM outbox WHERE status = 'pending'`;
const ORPHAN = `UPDATE outbox SET status = 'failed', payload = NULL, done_at_ms = ?, last_reason = 'channel_removed',
  last_detail = 'The configuration has no such channel any more.'
  WHERE status = 'pending' AND receiver = ? AND channel = ? AND channel_index = ?`;
const EXPEDITE = `UPDATE outbox SET next_attempt_at_ms = ? WHERE status = 'pending' AND next_attempt_at_ms > ?`;
const COUNT = `SELECT count(*) AS pending FROM outbox WHERE status = 'pending'`;
const OLDEST = `SELECT id FROM outbox WHERE status = 'pending' ORDER BY seq LIMIT ?`;
const DROP = `UPDATE outbox SET status = 'failed', payload = NULL, done_at_ms = ?, last_reason = 'outbox_full',
  last_detail = 'Too many notifications wait.' WHERE id = ?`;
const MARK_UNTOLD = 'UPDATE notification_log SET failed = 1 WHERE notification_id = ?';
const SENT = `SELECT count(*) AS sent FROM outbox WHERE status = 'delivered' AND in_digest = 0
  AND receiver = ? AND channel = ? AND channel_index = ? AND done_at_ms > ? AND done_at_ms <= ?`;
const COUNT_OVERDUE = `SELECT count(*) AS overdue FROM outbox
  WHERE status = 'pending' AND (next_attempt_at_ms < ? OR created_at_ms < ? - ${UNDELIVERED_MS})`;
const FORGET = `DELETE FROM outbox WHERE done_at_ms IS NOT NULL AND (done_at_ms <= ?
  OR seq <= (SELECT seq FROM outbox WHERE done_at_ms IS NOT NULL ORDER BY seq DESC LIMIT 1 OFFSET ${MAX_FINISHED}))`;

/** Receiver, kind and place: the columns of a channel. */
export const keyOf = ({ receiver, kind, index }: ChannelAddress): [string, string, number] => [receiver, kind, index];

/** Keeps the table `outbox`. */
export function createOutbox(database: Database): Outbox {
  return {
    enqueue(channel, notification, nowMs) {
      const { id, groupKey, reason } = notification;
      const payload = JSON.stringify(notification);
      database
        .prepare(ENQUEUE)
        .run(id, groupKey, ...keyOf(channel), reason, formatTitle(notification), payload, nowMs, nowMs);
    },
    withdraw: (groupKey, channel, nowMs) =>
      Number(database.prepare(WITHDRAW).run(nowMs, ...keyOf(channel), groupKey).changes),
    dueLanes: (channel, nowMs, limit) =>
      database
        .prepare(DUE_LANES)
        .all(...keyOf(channel), nowMs, limit)
        .map((row) => String(row['group_key'])),
    claim: (channel, groupKey, nowMs) => database.transaction(() => claim(database, channel, groupKey, nowMs)),
    postpone: (id, untilMs) => void database.prepare(POSTPONE).run(untilMs, id),
    settle(id, settlement, nowMs) {
      const { reason, detail } = settlement;
      if (settlement.status === 'pending')
        database.prepare(RETRY).run(settlement.nextAttemptAtMs, reason ?? null, detail ?? null, id);
      else database.prepare(FINISH).run(settlement.status, nowMs, reason ?? null, detail ?? null, id);
    },
    dropOrphans: (channels, nowMs) => database.transaction(() => dropOrphans(database, channels, nowMs)),
    expedite: (nowMs) => void database.prepare(EXPEDITE).run(nowMs, nowMs),
    countPending: () => Number(database.prepare(COUNT).get()?.['pending'] ?? 0),
    dropBeyond: (limit, nowMs) => database.transaction(() => dropBeyond(database, limit, nowMs)),
    countSent: (channel, sinceMs, nowMs) =>
      Number(database.prepare(SENT).get(...keyOf(channel), sinceMs, nowMs)?.['sent'] ?? 0),
    countOverdue: (beforeMs) => Number(database.prepare(COUNT_OVERDUE).get(beforeMs, beforeMs)?.['overdue'] ?? 0),
    forgetOld: (nowMs) => Number(database.prepare(FORGET).run(nowMs - RETENTION_MS).changes),
  };
}

function dropBeyond(database: Database, limit: number, nowMs: number): number {
  const excess = Number(database.prepare(COUNT).get()?.['pending'] ?? 0) - limit;
  if (excess <= 0) return 0;
  for (const row of database.prepare(OLDEST).all(excess)) {
    const id = String(row['id']);
    database.prepare(DROP).run(nowMs, id);
    database.prepare(MARK_UNTOLD).run(id);
  }
  return excess;
}

function claim(
  database: Database,
  channel: ChannelAddress,
  groupKey: string,
  nowMs: number,
): PendingDelivery | undefined {
  const [newest, ...older] = database.prepare(LANE).all(...keyOf(channel), groupKey);
  if (!newest) return undefined;
  const id = String(newest['id']);
  let notification = JSON.parse(String(newest['payload'])) as Notification;
  for (const row of older) {
    notification = absorbOlder(notification, JSON.parse(String(row['payload'])) as Notification);
    database.prepare(SUPERSEDE).run(nowMs, id, String(row['id']));
  }
  const waitingSinceMs = Math.min(...[newest, ...older].map((row) => Number(row['waiting_since_ms'])));
  if (older.length > 0) database.prepare(REWRITE).run(JSON.stringify(notification), waitingSinceMs, id);
  return {
    channel,
    notification,
    attempts: Number(newest['attempts']),
    createdAtMs: Number(newest['created_at_ms']),
    nextAttemptAtMs: Number(newest['next_attempt_at_ms']),
    supersededCount: older.length,
    waitingSinceMs,
  };
}

function dropOrphans(database: Database, channels: readonly ChannelAddress[], nowMs: number): number {
  const known = new Set(channels.map((channel) => JSON.stringify(keyOf(channel))));
  let dropped = 0;
  for (const row of database.prepare(PENDING_CHANNELS).all()) {
    const kind = String(row['channel']) as ChannelKind;
    const key = keyOf({ receiver: String(row['receiver']), kind, index: Number(row['channel_index']) });
    if (!known.has(JSON.stringify(key))) dropped += Number(database.prepare(ORPHAN).run(nowMs, ...key).changes);
  }
  return dropped;
}
