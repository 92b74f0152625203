import type { Database } from '../store/database.ts';

/** The states of a notification in the outbox. */
export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed', 'superseded'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** A notification as the delivery log shows it. Times are ISO 8601, UTC. */
export interface DeliveryLogEntry {
  readonly id: string;
  readonly receiver: string;
  readonly channel: string;
  readonly channelIndex: number;
  readonly groupKey: string;
  readonly cause: string;
  readonly title: string;
  readonly status: DeliveryStatus;
  readonly attempts: number;
  readonly createdAt: string;
  readonly nextAttemptAt: string | null;
  readonly doneAt: string | null;
  readonly lastReason: string | null;
  readonly lastDetail: string | null;
  readonly supersededBy: string | null;
}

/** Which entries are wanted. */
export interface DeliveryLogQuery {
  readonly limit: number;
  readonly status?: DeliveryStatus | undefined;
  readonly receiver?: string | undefined;
}

const LIST = `SELECT * FROM outbox WHERE (? IS NULL OR status = ?) AND (? IS NULL OR receiver = ?) ORDER BY seq DESC LIMIT ?`;

/** Lists what is and was in the outbox, newest first. */
export function listDeliveries(database: Database, { limit, status, receiver }: DeliveryLogQuery): DeliveryLogEntry[] {
  const values = [status ?? null, status ?? null, receiver ?? null, receiver ?? null];
  return database
    .prepare(LIST)
    .all(...values, limit)
    .map(readEntry);
}

function readEntry(row: Readonly<Record<string, unknown>>): DeliveryLogEntry {
  const time = (name: string): string => new Date(Number(row[name])).toISOString();
  const text = (name: string): string | null => {
    const value = row[name];
    return typeof value === 'string' ? value : null;
  };
  const pending = row['status'] === 'pending';
  return {
    id: String(row['id']),
    receiver: String(row['receiver']),
    channel: String(row['channel']),
    channelIndex: Number(row['channel_index']),
    groupKey: String(row['group_key']),
    cause: String(row['cause']),
    title: String(row['title']),
    status: String(row['status']) as DeliveryStatus,
    attempts: Number(row['attempts']),
    createdAt: time('created_at_ms'),
    nextAttemptAt: pending ? time('next_attempt_at_ms') : null,
    doneAt: row['done_at_ms'] === null ? null : time('done_at_ms'),
    lastReason: text('last_reason'),
    lastDetail: text('last_detail'),
    supersededBy: text('superseded_by'),
  };
}
