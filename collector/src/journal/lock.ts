import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CollectorError } from '../errors.ts';

/** A lock that is held. */
export interface DirectoryLock {
  release(): void;
}

/**
 * Takes a directory for this process alone. The lock is SQLite's own on a file, so the operating system frees it when the
 * process dies in any way; Node offers no file locks of its own.
 * @throws CollectorError `journal_locked`
 */
export function lockDirectory(directory: string): DirectoryLock {
  const database = new DatabaseSync(join(directory, 'lock.sqlite'));
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    throw new CollectorError('journal_locked', directory, { cause: error });
  }
  let isHeld = true;
  return {
    release() {
      if (isHeld) database.close();
      isHeld = false;
    },
  };
}
