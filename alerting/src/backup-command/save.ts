import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const FILE = 'alerting.sqlite';
const BUSY_TIMEOUT_MS = 30_000;

/**
 * Writes alerting's database as it is at one moment: one read transaction, which holds up no writer (write-ahead log). What was committed before is in it.
 * @param directory alerting's own data directory; one without a database makes no file
 * @param target the folder to write to; made where it is missing
 * @throws Error of SQLite where the database cannot be read, or the target not be written
 */
export function saveAlerting(directory: string, target: string): void {
  mkdirSync(target, { recursive: true, mode: 0o700 });
  if (!existsSync(join(directory, FILE))) return;
  const database = new DatabaseSync(join(directory, FILE), { timeout: BUSY_TIMEOUT_MS });
  try {
    database.prepare('VACUUM INTO ?').run(join(target, FILE));
  } finally {
    database.close();
  }
}
