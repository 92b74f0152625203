import { randomBytes } from 'node:crypto';
import type { Database } from '../store/database.ts';

/** What the links of a message are about. */
export interface LinkSubject {
  readonly receiver: string;
  readonly groupKey: string;
  /** The labels that the message's alerts shared: what a silence matches. */
  readonly labels: Readonly<Record<string, string>>;
  readonly title: string;
}

/** What links need of the database. */
export interface LinkStore {
  /** The key that links are signed with: made once and kept, so links outlive a restart. */
  readonly key: Uint8Array;
  /** Remembers what the links of a message are about; the first word counts. */
  save(notificationId: string, subject: LinkSubject, expiresAtMs: number): void;
  find(notificationId: string): LinkSubject | undefined;
  /** Forgets what has expired. @returns how many */
  forgetOld(nowMs: number): number;
}

const KEY_BYTES = 32;
const FIND_KEY = 'SELECT key FROM link_key WHERE id = 1';
const SAVE_KEY = 'INSERT INTO link_key (id, key) VALUES (1, ?)';
const FIND = 'SELECT subject FROM message_links WHERE notification_id = ?';
const SAVE = 'INSERT OR IGNORE INTO message_links (notification_id, subject, expires_at_ms) VALUES (?, ?, ?)';
const FORGET = 'DELETE FROM message_links WHERE expires_at_ms <= ?';

/** Keeps the tables `link_key` and `message_links`. */
export function createLinkStore(database: Database): LinkStore {
  return {
    key: database.transaction(() => {
      const known = database.prepare(FIND_KEY).get()?.['key'];
      if (known instanceof Uint8Array) return known;
      const key = randomBytes(KEY_BYTES);
      database.prepare(SAVE_KEY).run(key);
      return key;
    }),
    save: (notificationId, subject, expiresAtMs) =>
      void database.prepare(SAVE).run(notificationId, JSON.stringify(subject), expiresAtMs),
    find(notificationId) {
      const subject = database.prepare(FIND).get(notificationId)?.['subject'];
      return typeof subject === 'string' ? (JSON.parse(subject) as LinkSubject) : undefined;
    },
    forgetOld: (nowMs) => Number(database.prepare(FORGET).run(nowMs).changes),
  };
}
