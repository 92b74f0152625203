import type { ChannelAddress } from '../channels/channel.ts';
import type { Database } from '../store/database.ts';
import type { NotificationRecord } from './stages/dedup.ts';

/** A record with the notifications it came from. */
export interface LoggedNotification extends NotificationRecord {
  /** The newest notification, `undefined` where nothing was sent. */
  readonly notificationId: string | undefined;
  readonly threadId: string | undefined;
}

/** What each channel was last told about each group. */
export interface NotificationLog {
  find(groupKey: string, channel: ChannelAddress): LoggedNotification | undefined;
  save(groupKey: string, channel: ChannelAddress, entry: LoggedNotification): void;
  /** The channel refused this notification for good: the next look at the group tells it again. */
  markFailed(notificationId: string): void;
  /** Forgets what groups that are gone were told 120 hours ago or earlier. @returns how many */
  forgetOld(nowMs: number): number;
}

/** Alertmanager's default of `--data.retention`. */
const RETENTION_MS = 120 * 3_600_000;

const FIND = `SELECT * FROM notification_log WHERE group_key = ? AND receiver = ? AND channel = ? AND channel_index = ?`;
const SAVE = `INSERT OR REPLACE INTO notification_log
  (group_key, receiver, channel, channel_index, notified_at_ms, notification_id, thread_id, firing, resolved, believed, failed)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const MARK_FAILED = 'UPDATE notification_log SET failed = 1 WHERE notification_id = ?';
const FORGET = `DELETE FROM notification_log WHERE notified_at_ms <= ?
  AND NOT EXISTS (SELECT 1 FROM alert_groups WHERE alert_groups.group_key = notification_log.group_key)`;

const readSet = (value: unknown): ReadonlySet<string> => new Set(JSON.parse(String(value)) as string[]);
const readId = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** Keeps the table `notification_log`. */
export function createNotificationLog(database: Database): NotificationLog {
  return {
    find(groupKey, { receiver, kind, index }) {
      const row = database.prepare(FIND).get(groupKey, receiver, kind, index);
      return (
        row && {
          notifiedAtMs: Number(row['notified_at_ms']),
          notificationId: readId(row['notification_id']),
          threadId: readId(row['thread_id']),
          firing: readSet(row['firing']),
          resolved: readSet(row['resolved']),
          believed: readSet(row['believed'] ?? row['firing']),
          failed: row['failed'] === 1,
        }
      );
    },
    save(groupKey, { receiver, kind, index }, entry) {
      database
        .prepare(SAVE)
        .run(
          groupKey,
          receiver,
          kind,
          index,
          entry.notifiedAtMs,
          entry.notificationId ?? null,
          entry.threadId ?? null,
          JSON.stringify([...entry.firing]),
          JSON.stringify([...entry.resolved]),
          JSON.stringify([...entry.believed]),
          entry.failed ? 1 : 0,
        );
    },
    markFailed: (notificationId) => void database.prepare(MARK_FAILED).run(notificationId),
    forgetOld: (nowMs) => Number(database.prepare(FORGET).run(nowMs - RETENTION_MS).changes),
  };
}
