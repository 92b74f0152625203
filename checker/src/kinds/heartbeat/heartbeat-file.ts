import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { HeartbeatState } from './heartbeat-state.ts';

/** What is known of jobs, on disk: a call that was answered is not forgotten by a restart, nor by a loss of power. */
export class HeartbeatFile {
  readonly #database: DatabaseSync;

  /** @param path of the SQLite file; it and its folder are made if they are not there */
  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true });
    this.#database = new DatabaseSync(path);
    this.#database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA user_version = 1;
      CREATE TABLE IF NOT EXISTS heartbeat (monitor TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS listening (id INTEGER PRIMARY KEY CHECK (id = 1), until_unix_ms INTEGER NOT NULL) STRICT;
    `);
  }

  read(monitor: string): HeartbeatState | undefined {
    const row = this.#database.prepare('SELECT state FROM heartbeat WHERE monitor = ?').get(monitor);
    return row === undefined ? undefined : (JSON.parse(String(row['state'])) as HeartbeatState);
  }

  write(monitor: string, state: HeartbeatState): void {
    this.#database
      .prepare('INSERT INTO heartbeat VALUES (?, ?) ON CONFLICT (monitor) DO UPDATE SET state = excluded.state')
      .run(monitor, JSON.stringify(state));
  }

  /** Until when somebody listened here, Unix time in milliseconds; `undefined` where nobody ever did. */
  listenedUntil(): number | undefined {
    const row = this.#database.prepare('SELECT until_unix_ms FROM listening').get();
    return row === undefined ? undefined : Number(row['until_unix_ms']);
  }

  /** Written without waiting for the disk: one that a loss of power takes back only makes the absence look longer. */
  noteListening(unixMs: number): void {
    this.#database.exec('PRAGMA synchronous = NORMAL');
    this.#database
      .prepare(
        'INSERT INTO listening VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET until_unix_ms = excluded.until_unix_ms',
      )
      .run(Math.round(unixMs));
    this.#database.exec('PRAGMA synchronous = FULL');
  }

  close(): void {
    this.#database.close();
  }
}
