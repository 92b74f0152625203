import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { migrate, type Migration, readMigrations } from './migrations.ts';

/** Alerting's one SQLite file. All its work is synchronous; a committed transaction is on disk. */
export interface Database {
  /** The prepared statement of this text; prepared once, whoever asks. Bind values, never glue them. */
  prepare(sql: string): StatementSync;
  /**
   * Runs `work` in one transaction that takes the write lock first; a throw undoes all of it. Inside another transaction it is a
   * part of that one: a throw undoes the part, the outer one decides about the rest. `work` must not be async.
   */
  transaction<Result>(work: () => Result): Result;
  /** Closes the file. Idempotent. */
  close(): void;
}

/** How long a statement waits for another process's write lock. */
const BUSY_TIMEOUT_MS = 5_000;

/**
 * Opens the file (its folder is made when missing; `:memory:` is a database of its own) and brings its schema up to date.
 * `synchronous=FULL` with the write-ahead log: what was committed survives kill -9 and a power cut.
 * @throws StoreError where the file belongs to a newer version, or a migration fails
 */
export function openDatabase(path: string, nowMs: number = Date.now(), migrations?: readonly Migration[]): Database {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
  const handle = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
  try {
    handle.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    migrate(handle, migrations ?? readMigrations(), nowMs);
  } catch (error) {
    handle.close();
    throw error;
  }
  return createDatabase(handle);
}

function createDatabase(handle: DatabaseSync): Database {
  const statements = new Map<string, StatementSync>();
  let depth = 0;
  const run = <Result>(begin: string, commit: string, rollback: string, work: () => Result): Result => {
    handle.exec(begin);
    depth += 1;
    try {
      const result = work();
      if (result instanceof Promise) throw new TypeError('A transaction cannot wait: its work must not be async.');
      handle.exec(commit);
      return result;
    } catch (error) {
      // SQLite itself has already rolled back after some errors, as a full disk.
      if (handle.isTransaction) handle.exec(rollback);
      throw error;
    } finally {
      depth -= 1;
    }
  };
  return {
    prepare(sql) {
      const known = statements.get(sql);
      if (known) return known;
      const statement = handle.prepare(sql);
      statements.set(sql, statement);
      return statement;
    },
    transaction(work) {
      if (depth === 0) return run('BEGIN IMMEDIATE', 'COMMIT', 'ROLLBACK', work);
      const name = `part_${depth}`;
      return run(`SAVEPOINT ${name}`, `RELEASE ${name}`, `ROLLBACK TO ${name}; RELEASE ${name}`, work);
    },
    close() {
      statements.clear();
      if (handle.isOpen) handle.close();
    },
  };
}
