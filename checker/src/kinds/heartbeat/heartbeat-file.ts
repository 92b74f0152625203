import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Logger } from '@tocsin/service/log';
import type { HeartbeatState } from './heartbeat-state.ts';

/** What is known of jobs, on disk: a call that was answered is not forgotten by a restart, nor by a loss of power. */
export class HeartbeatFile {
  readonly #database: DatabaseSync;
  readonly #log: Logger;
  readonly #path: string;
  #isFailing = false;

  /** @param path of the SQLite file; it and its folder are made if they are not there */
  constructor(path: string, log: Logger) {
    this.#log = log;
    this.#path = path;
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

  /** @returns whether it is on disk: a full disk must not end the checker */
  write(monitor: string, state: HeartbeatState): boolean {
    return this.#attempt(() =>
      this.#database
        .prepare('INSERT INTO heartbeat VALUES (?, ?) ON CONFLICT (monitor) DO UPDATE SET state = excluded.state')
        .run(monitor, JSON.stringify(state)),
    );
  }

  /** Until when somebody listened here, Unix time in milliseconds; `undefined` where nobody ever did. */
  listenedUntil(): number | undefined {
    const row = this.#database.prepare('SELECT until_unix_ms FROM listening').get();
    return row === undefined ? undefined : Number(row['until_unix_ms']);
  }

  /** Written without waiting for the disk: one that a loss of power takes back only makes the absence look longer. @returns whether it is written */
  noteListening(unixMs: number): boolean {
    this.#database.exec('PRAGMA synchronous = NORMAL');
    const isWritten = this.#attempt(() =>
      this.#database
        .prepare(
          'INSERT INTO listening VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET until_unix_ms = excluded.until_unix_ms',
        )
        .run(Math.round(unixMs)),
    );
    this.#database.exec('PRAGMA synchronous = FULL');
    return isWritten;
  }

  close(): void {
    this.#database.close();
  }

  #attempt(write: () => unknown): boolean {
    try {
      write();
      if (this.#isFailing) this.#log.info({ path: this.#path }, 'what jobs say is written down again');
      this.#isFailing = false;
      return true;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR')) throw error;
      if (!this.#isFailing)
        this.#log.error({ path: this.#path, err: error }, 'what jobs say cannot be written down: jobs are told so');
      this.#isFailing = true;
      return false;
    }
  }
}
