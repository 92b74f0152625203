import type { ChannelAddress, ChannelKind } from '../channels/channel.ts';
import { formatTitle } from '../channels/content.ts';
import { absorbOlder, type Notification } from '../notify/notification.ts';
import type { Database } from '../store/database.ts';
import { type EndSettlement, GIVE_UP_AFTER_MS, LONGEST_RETRY_AFTER_MS, type Settlement } from './settle.ts';

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
  /** Counts the attempt and stores what came of it. Call it in a transaction. */
  settle(id: string, settlement: Settlement, nowMs: number): void;
  /** Ends what a digest stood for. A refused one gives its ends back to the lanes, where they are told later; all else is told anew by who made it. */
  settleCovered(digestId: string, settlement: EndSettlement, nowMs: number): void;
  /** Marks what waits for channels that are no longer configured as failed. @returns how many */
  dropOrphans(channels: readonly ChannelAddress[], nowMs: number): number;
  /** Everything pending is due at once: the configuration has changed. */
  expedite(nowMs: number): void;
  /** The same at a start, but for what waits because its channel asked for patience. */
  resume(nowMs: number): void;
  /** Until when a channel asked for patience, by what waits for it; 0: it did not. */
  patienceOf(channel: ChannelAddress, nowMs: number): number;
  countPending(): number;
  /**
   * Makes room where more than `limit` wait: first of each lane only the newest is kept, then the oldest are given up that are told again anyhow. Ends are
   * given up last, beyond twice the limit. Digests stay: they are few.
   */
  dropBeyond(limit: number, nowMs: number): Dropped;
  /** How many messages the channel has had since then; what a digest stood for does not count, nor what a clock set back makes future. */
  countSent(channel: ChannelAddress, sinceMs: number, nowMs: number): number;
  /** How many are due since before then and not tried, or wait for longer than ten minutes more, however often they were tried. */
  countOverdue(beforeMs: number): number;
  /** Forgets finished ones after 7 days, and beyond 50 000. @returns how many */
  forgetOld(nowMs: number): number;
}

/** A notification of which the end is known. */
export interface Ended {
  readonly id: string;
  readonly channel: ChannelAddress;
  readonly groupKey: string;
  readonly cause: string;
  readonly settlement: EndSettlement;
  /** Reads it as it was sent last; `undefined` where an older version has not kept it. */
  readonly read: () => Notification | undefined;
  /** It was told, or refused, as a part of a digest. */
  readonly isInDigest: boolean;
}

/** Told of every end, in the transaction that stores it. */
export type EndListener = (ended: Ended, nowMs: number) => void;

/** How many `dropBeyond` gave up: those that are told again, and ends, which are not. */
export interface Dropped {
  readonly again: number;
  readonly ends: number;
}

/** Whether a notification says what no later one would: that something is over. Of incidents only their ends do. */
export function tellsEnd({ escalation, resolvedCount }: Notification): boolean {
  return escalation ? escalation.what === 'resolved' || escalation.what === 'not_followed' : resolvedCount > 0;
}

const RETENTION_MS = 7 * 86_400_000;
/** What a refused digest gives back waits so long. */
const GIVEN_BACK_MS = 300_000;
const MAX_FINISHED = 50_000;
/** What is tried in vain for so long does not get through. */
const UNDELIVERED_MS = 600_000;

const ENQUEUE = `INSERT INTO outbox
  (id, group_key, receiver, channel, channel_index, cause, title, payload, tells_end, resolves, status, created_at_ms, next_attempt_at_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending', ?, ?)`;
const WITHDRAW = `UPDATE outbox SET status = 'superseded', payload = NULL, done_at_ms = ?
  WHERE status = 'pending' AND receiver = ? AND channel = ? AND channel_index = ? AND group_key = ?`;
const DUE_LANES = `SELECT DISTINCT group_key FROM outbox
  WHERE status = 'pending' AND receiver = ? AND channel = ? AND channel_index = ? AND next_attempt_at_ms <= ?
  ORDER BY next_attempt_at_ms LIMIT ?`;
const LANE = `SELECT id, cause, payload, attempts, created_at_ms, next_attempt_at_ms, coalesce(waiting_since_ms, created_at_ms) AS waiting_since_ms
  FROM outbox
  WHERE status = 'pending' AND receiver = ? AND channel = ? AND channel_index = ? AND group_key = ? ORDER BY seq DESC`;
const SUPERSEDE = `UPDATE outbox SET status = 'superseded', payload = NULL, done_at_ms = ?, superseded_by = ? WHERE id = ?`;
const COVER_ANEW = 'UPDATE outbox SET superseded_by = ? WHERE superseded_by = ? AND in_digest = 1';
const REWRITE = 'UPDATE outbox SET payload = ?, tells_end = ?, waiting_since_ms = ? WHERE id = ?';
const POSTPONE = 'UPDATE outbox SET next_attempt_at_ms = ? WHERE id = ?';
const READ = 'SELECT * FROM outbox WHERE id = ?';
const FINISH = `UPDATE outbox SET status = ?, payload = NULL, attempts = attempts + ?, done_at_ms = ?, last_reason = ?, last_detail = ?
  WHERE id = ?`;
const RETRY = `UPDATE outbox SET attempts = attempts + 1, next_attempt_at_ms = ?, last_reason = ?, last_detail = ?, refused_at_ms = ? WHERE id = ?`;
const COVERED = `SELECT * FROM outbox WHERE superseded_by = ? AND in_digest = 1 AND status = 'superseded'`;
const GIVE_BACK = `UPDATE outbox SET status = 'pending', in_digest = 0, superseded_by = NULL, done_at_ms = NULL, next_attempt_at_ms = ?1
  WHERE superseded_by = ?2 AND in_digest = 1 AND status = 'superseded' AND tells_end = 1 AND payload IS NOT NULL AND created_at_ms > ?3`;
const PENDING_CHANNELS = `SELECT DISTINCT receiver, channel, channel_index FROM outbox WHERE status = 'pending'`;
const OF_CHANNEL = `SELECT id FROM outbox WHERE status = 'pending' AND receiver = ? AND channel = ? AND channel_index = ?`;
const EXPEDITE = `UPDATE outbox SET next_attempt_at_ms = ? WHERE status = 'pending' AND next_attempt_at_ms > ?`;
/** A clock that was set back since shows itself by a patience longer than any that is granted. */
const IS_PATIENT = `(last_reason = 'rate_limited' AND next_attempt_at_ms <= ? + ${LONGEST_RETRY_AFTER_MS})`;
const RESUME = `${EXPEDITE} AND NOT coalesce(${IS_PATIENT}, 0)`;
const PATIENCE = `SELECT max(next_attempt_at_ms) AS until FROM outbox WHERE status = 'pending' AND receiver = ? AND channel = ? AND channel_index = ?
  AND next_attempt_at_ms > ? AND ${IS_PATIENT}`;
const COUNT = `SELECT count(*) AS pending FROM outbox WHERE status = 'pending'`;
const CROWDED = `SELECT receiver, channel, channel_index, group_key FROM outbox WHERE status = 'pending'
  GROUP BY receiver, channel, channel_index, group_key HAVING count(*) > 1`;
const OLDEST = `SELECT id FROM outbox WHERE status = 'pending' AND cause <> 'digest' AND tells_end = ? ORDER BY seq LIMIT ?`;
const SENT = `SELECT count(*) AS sent FROM outbox WHERE status = 'delivered' AND in_digest = 0
  AND receiver = ? AND channel = ? AND channel_index = ? AND done_at_ms > ? AND done_at_ms <= ?`;
const COUNT_OVERDUE = `SELECT count(*) AS overdue FROM outbox
  WHERE status = 'pending' AND refused_at_ms IS NULL AND (next_attempt_at_ms < ? OR created_at_ms < ? - ${UNDELIVERED_MS})`;
const FORGET = `DELETE FROM outbox WHERE done_at_ms IS NOT NULL AND (done_at_ms <= ?
  OR seq <= (SELECT seq FROM outbox WHERE done_at_ms IS NOT NULL ORDER BY seq DESC LIMIT 1 OFFSET ${MAX_FINISHED}))`;

/** Receiver, kind and place: the columns of a channel. */
export const keyOf = ({ receiver, kind, index }: ChannelAddress): [string, string, number] => [receiver, kind, index];

/** Keeps the table `outbox`. @param onEnd told of every notification that was delivered or given up */
export function createOutbox(database: Database, onEnd: EndListener = () => {}): Outbox {
  const end = (row: Row, settlement: EndSettlement, nowMs: number, attempts = 0): void => {
    const { reason, detail } = settlement;
    const id = String(row['id']);
    database.prepare(FINISH).run(settlement.status, attempts, nowMs, reason ?? null, detail ?? null, id);
    onEnd(readEnded(row, settlement), nowMs);
  };
  const endById = (id: string, settlement: EndSettlement, nowMs: number, attempts = 0): void => {
    const row = database.prepare(READ).get(id);
    if (row) end(row, settlement, nowMs, attempts);
  };
  return {
    enqueue(channel, notification, nowMs) {
      const { id, groupKey, reason } = notification;
      const isEnd = tellsEnd(notification) ? 1 : 0;
      const isOver = notification.status === 'resolved' ? 1 : 0;
      const written = [reason, formatTitle(notification), JSON.stringify(notification), isEnd, isOver];
      database.prepare(ENQUEUE).run(id, groupKey, ...keyOf(channel), ...written, nowMs, nowMs);
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
      if (settlement.status !== 'pending') return endById(id, settlement, nowMs, 1);
      const { nextAttemptAtMs, reason, detail, isRefused } = settlement;
      database.prepare(RETRY).run(nextAttemptAtMs, reason, detail, isRefused ? nowMs : null, id);
    },
    settleCovered(digestId, settlement, nowMs) {
      // Of a channel that is gone nothing is to be told any more.
      if (settlement.status === 'failed' && settlement.reason !== 'channel_removed')
        database.prepare(GIVE_BACK).run(nowMs + GIVEN_BACK_MS, digestId, nowMs - GIVE_UP_AFTER_MS);
      for (const row of database.prepare(COVERED).all(digestId)) end(row, settlement, nowMs);
    },
    dropOrphans: (channels, nowMs) => database.transaction(() => dropOrphans(database, endById, channels, nowMs)),
    expedite: (nowMs) => void database.prepare(EXPEDITE).run(nowMs, nowMs),
    resume: (nowMs) => void database.prepare(RESUME).run(nowMs, nowMs, nowMs),
    patienceOf: (channel, nowMs) =>
      Number(database.prepare(PATIENCE).get(...keyOf(channel), nowMs, nowMs)?.['until'] ?? 0),
    countPending: () => countPending(database),
    dropBeyond: (limit, nowMs) => database.transaction(() => dropBeyond(database, endById, limit, nowMs)),
    countSent: (channel, sinceMs, nowMs) =>
      Number(database.prepare(SENT).get(...keyOf(channel), sinceMs, nowMs)?.['sent'] ?? 0),
    countOverdue: (beforeMs) => Number(database.prepare(COUNT_OVERDUE).get(beforeMs, beforeMs)?.['overdue'] ?? 0),
    forgetOld: (nowMs) => Number(database.prepare(FORGET).run(nowMs - RETENTION_MS).changes),
  };
}

type Row = Readonly<Record<string, unknown>>;
type EndById = (id: string, settlement: EndSettlement, nowMs: number) => void;

function countPending(database: Database): number {
  return Number(database.prepare(COUNT).get()?.['pending'] ?? 0);
}

function readChannel(row: Row): ChannelAddress {
  const kind = String(row['channel']) as ChannelKind;
  return { receiver: String(row['receiver']), kind, index: Number(row['channel_index']) };
}

function readEnded(row: Row, settlement: EndSettlement): Ended {
  const payload = row['payload'];
  return {
    id: String(row['id']),
    channel: readChannel(row),
    groupKey: String(row['group_key']),
    cause: String(row['cause']),
    settlement,
    read: () => (typeof payload === 'string' ? (JSON.parse(payload) as Notification) : undefined),
    isInDigest: row['in_digest'] === 1,
  };
}

const FULL: EndSettlement = { status: 'failed', reason: 'outbox_full', detail: 'Too many notifications wait.' };
const REMOVED: EndSettlement = {
  status: 'failed',
  reason: 'channel_removed',
  detail: 'The configuration has no such channel any more.',
};

function dropBeyond(database: Database, end: EndById, limit: number, nowMs: number): Dropped {
  if (countPending(database) > limit)
    for (const row of database.prepare(CROWDED).all())
      claim(database, readChannel(row), String(row['group_key']), nowMs);
  const drop = (tellsEnds: 0 | 1, most: number): number => {
    const excess = countPending(database) - most;
    const oldest = excess <= 0 ? [] : database.prepare(OLDEST).all(tellsEnds, excess);
    for (const { id } of oldest) end(String(id), FULL, nowMs);
    return oldest.length;
  };
  return { again: drop(0, limit), ends: drop(1, 2 * limit) };
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
    // What the older digest stood for is told by the newer one.
    if (row['cause'] === 'digest') database.prepare(COVER_ANEW).run(id, String(row['id']));
  }
  const waitingSinceMs = Math.min(...[newest, ...older].map((row) => Number(row['waiting_since_ms'])));
  if (older.length > 0) {
    const isEnd = tellsEnd(notification) ? 1 : 0;
    database.prepare(REWRITE).run(JSON.stringify(notification), isEnd, waitingSinceMs, id);
  }
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

function dropOrphans(database: Database, end: EndById, channels: readonly ChannelAddress[], nowMs: number): number {
  const known = new Set(channels.map((channel) => JSON.stringify(keyOf(channel))));
  let dropped = 0;
  for (const row of database.prepare(PENDING_CHANNELS).all()) {
    const key = keyOf(readChannel(row));
    if (known.has(JSON.stringify(key))) continue;
    for (const { id } of database.prepare(OF_CHANNEL).all(...key)) {
      end(String(id), REMOVED, nowMs);
      dropped += 1;
    }
  }
  return dropped;
}
