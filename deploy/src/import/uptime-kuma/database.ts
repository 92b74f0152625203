import { DatabaseSync } from 'node:sqlite';
import { ImportError } from '../imported.ts';

/** What of Uptime Kuma's database is read. The columns of `monitors` are those of its version. */
export interface KumaDatabase {
  readonly monitors: readonly Readonly<Record<string, unknown>>[];
  readonly notifications: number;
  readonly maintenances: number;
  readonly statusPages: number;
  readonly proxies: number;
}

/**
 * Reads Uptime Kuma's SQLite database (1.x and 2.x), which stays as it is.
 * @throws ImportError where it cannot be read, or is another database
 */
export function readKumaDatabase(path: string): KumaDatabase {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
    const tables = new Set(
      database
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table' LIMIT 1000")
        .all()
        .map(({ name }) => String(name)),
    );
    if (!tables.has('monitor')) {
      const found = [...tables].slice(0, 5).join(', ') || 'no tables';
      throw new ImportError(`${path}: expected Uptime Kuma's database, with a table monitor; found ${found}`);
    }
    const open = database;
    const count = (table: string): number =>
      tables.has(table) ? Number(open.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.['rows'] ?? 0) : 0;
    return {
      monitors: open.prepare('SELECT * FROM monitor ORDER BY id LIMIT 100000').all(),
      notifications: count('notification'),
      maintenances: count('maintenance'),
      statusPages: count('status_page'),
      proxies: count('proxy'),
    };
  } catch (error) {
    if (error instanceof ImportError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new ImportError(
      `${path}: expected Uptime Kuma's SQLite database (kuma.db); found one that cannot be read (${why})`,
      {
        cause: error,
      },
    );
  } finally {
    if (database?.isOpen === true) database.close();
  }
}
