import { readdirSync, readFileSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { StoreError } from './errors.ts';

/** One step of the schema: `migrations/001-rules.sql` has number 1 and name `rules`. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

const FOLDER = new URL('./migrations/', import.meta.url);
const FILE = /^(\d{3})-([a-z0-9-]+)\.sql$/;

/** Reads the migrations that ship with this version, in the order of their numbers. */
export function readMigrations(folder: URL = FOLDER): Migration[] {
  return readdirSync(folder)
    .flatMap((file) => {
      const match = FILE.exec(file);
      if (!match) return [];
      return [
        { number: Number(match[1]), name: match[2] ?? '', sql: readFileSync(new URL(`./${file}`, folder), 'utf8') },
      ];
    })
    .sort((a, b) => a.number - b.number);
}

/**
 * Brings the schema up to date. Each migration is one transaction that takes the write lock first, so of two processes that
 * start at once one migrates and the other finds it done.
 * @throws StoreError where the database has a migration that this version does not know
 */
export function migrate(database: DatabaseSync, migrations: readonly Migration[], nowMs: number): void {
  database.exec(`CREATE TABLE IF NOT EXISTS migrations (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at_ms INTEGER NOT NULL) STRICT`);
  refuseUnknown(database, migrations);
  for (const migration of migrations) applyMigration(database, migration, nowMs);
}

function refuseUnknown(database: DatabaseSync, migrations: readonly Migration[]): void {
  const known = new Map(migrations.map(({ number, name }) => [number, name]));
  for (const row of database.prepare('SELECT number, name FROM migrations ORDER BY number').all()) {
    const expected = known.get(Number(row['number']));
    const found = `migration ${String(row['number'])} (${String(row['name'])})`;
    if (expected === undefined)
      throw new StoreError(
        'TOCSIN_ALERTING_STORE_NEWER',
        `The database has ${found}, which this version does not know.`,
      );
    if (expected !== row['name'])
      throw new StoreError(
        'TOCSIN_ALERTING_STORE_FOREIGN',
        `The database has ${found}; this version's is called ${expected}.`,
      );
  }
}

function applyMigration(database: DatabaseSync, { number, name, sql }: Migration, nowMs: number): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    if (!database.prepare('SELECT 1 FROM migrations WHERE number = ?').get(number)) {
      database.exec(sql);
      database.prepare('INSERT INTO migrations VALUES (?, ?, ?)').run(number, name, nowMs);
    }
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw new StoreError(
      'TOCSIN_ALERTING_STORE_MIGRATION',
      `Migration ${number} (${name}) failed; it changed nothing.`,
      {
        cause: error,
      },
    );
  }
}
