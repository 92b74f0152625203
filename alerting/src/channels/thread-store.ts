import type { Database } from '../store/database.ts';
import { type ChannelAddress, formatChannel } from './channel.ts';

/** What a channel remembers of a thread: where its first message is. */
export interface ThreadStore {
  find(channel: ChannelAddress, threadId: string): string | undefined;
  save(channel: ChannelAddress, threadId: string, handle: string, nowMs: number): void;
  /** Forgets threads that nothing was said in for 30 days. @returns how many */
  forgetOld(nowMs: number): number;
}

const RETENTION_MS = 30 * 86_400_000;
const FIND = 'SELECT handle FROM channel_threads WHERE channel = ? AND thread_id = ?';
const SAVE = `INSERT INTO channel_threads (channel, thread_id, handle, used_at_ms) VALUES (?, ?, ?, ?)
  ON CONFLICT (channel, thread_id) DO UPDATE SET handle = excluded.handle, used_at_ms = excluded.used_at_ms`;
const FORGET = 'DELETE FROM channel_threads WHERE used_at_ms <= ?';

/** Keeps the table `channel_threads`. */
export function createThreadStore(database: Database): ThreadStore {
  return {
    find(channel, threadId) {
      const handle = database.prepare(FIND).get(formatChannel(channel), threadId)?.['handle'];
      return typeof handle === 'string' ? handle : undefined;
    },
    save: (channel, threadId, handle, nowMs) =>
      void database.prepare(SAVE).run(formatChannel(channel), threadId, handle, nowMs),
    forgetOld: (nowMs) => Number(database.prepare(FORGET).run(nowMs - RETENTION_MS).changes),
  };
}
