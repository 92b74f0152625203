import { type ChannelAddress, type ChannelKind, formatChannel } from '../channels/channel.ts';
import type { Notification } from '../notify/notification.ts';
import type { Database } from '../store/database.ts';
import type { Outbox } from './outbox.ts';

/** Who is told when a channel stays down. */
export interface FallbackSettings {
  readonly receiver: string;
  readonly channels: readonly (ChannelAddress & { readonly sendResolved: boolean })[];
  /** How long a channel is tried before that. */
  readonly afterMs: number;
}

/** Tells the fallback receiver what its own channel could not be told. */
export interface Fallback {
  apply(settings: FallbackSettings | undefined): void;
  /** Looks for notifications that have waited too long. @returns the channels they are for, one entry for each */
  look(nowMs: number): ChannelAddress[];
  /** A channel refused this one for good; call it in the transaction that stores so. @returns whether somebody is told */
  refused(channel: ChannelAddress, notification: Notification, reason: string, nowMs: number): boolean;
}

/** The most of one look: other work gets its turn in between. */
const MAX_PER_LOOK = 200;

const STALLED = `SELECT id, receiver, channel, channel_index, payload, last_reason,
    coalesce(waiting_since_ms, created_at_ms) AS waiting_since_ms
  FROM outbox WHERE status = 'pending' AND attempts > 0 AND fallback_at_ms IS NULL
  AND receiver <> ? AND coalesce(waiting_since_ms, created_at_ms) <= ? ORDER BY seq LIMIT ${MAX_PER_LOOK}`;
const MARK = 'UPDATE outbox SET fallback_at_ms = ? WHERE id = ?';
const WAS_TOLD = 'SELECT 1 FROM outbox WHERE id = ? AND fallback_at_ms IS NOT NULL';

/** Makes it; until `apply` there is no fallback. What was told by way of it goes no further: there is no circle. */
export function createFallback(database: Database, outbox: Outbox, newId: () => string): Fallback {
  let settings: FallbackSettings | undefined;
  const tell = (from: ChannelAddress, notification: Notification, reason: string, sinceMs: number, nowMs: number) => {
    if (!settings || notification.fallback || settings.receiver === from.receiver) return false;
    const fallback = { channel: formatChannel(from), reason, sinceMs };
    for (const channel of settings.channels) {
      if (notification.status === 'resolved' && !channel.sendResolved) continue;
      outbox.enqueue(channel, { ...notification, id: newId(), receiver: settings.receiver, fallback }, nowMs);
    }
    database.prepare(MARK).run(nowMs, notification.id);
    return true;
  };
  return {
    apply(next) {
      settings = next;
    },
    look(nowMs) {
      if (!settings) return [];
      const rows = database.prepare(STALLED).all(settings.receiver, nowMs - settings.afterMs);
      if (rows.length === 0) return [];
      return database.transaction(() =>
        rows.flatMap((row) => {
          const from = {
            receiver: String(row['receiver']),
            kind: String(row['channel']) as ChannelKind,
            index: Number(row['channel_index']),
          };
          const notification = JSON.parse(String(row['payload'])) as Notification;
          const told = tell(from, notification, String(row['last_reason']), Number(row['waiting_since_ms']), nowMs);
          // What came by way of a fallback that is none any more is not looked at again.
          if (!told) database.prepare(MARK).run(nowMs, String(row['id']));
          return told ? [from] : [];
        }),
      );
    },
    refused(channel, notification, reason, nowMs) {
      if (database.prepare(WAS_TOLD).get(notification.id)) return false;
      return tell(channel, notification, reason, notification.createdAtMs, nowMs);
    },
  };
}
