import { DatabaseSync } from 'node:sqlite';
import { ImportError } from '../imported.ts';

/** What of Uptime Kuma's database is read. The columns of `monitors` are those of its version. */
export interface KumaDatabase {
  readonly monitors: readonly Readonly<Record<string, unknown>>[];
  readonly notifications: number;
  readonly maintenances: number;
  readonly statusPages: number;
  /** By their ids. */
  readonly proxies: ReadonlyMap<number, KumaProxy>;
  /** So many days before its end a certificate is told of. */
  readonly certificateDays: number;
}

export interface KumaProxy {
  readonly protocol: string;
  readonly host: string;
  readonly port: number;
  /** `user:password`, encoded for a URL; absent where it wants none. */
  readonly credentials: string | undefined;
}

/** What Uptime Kuma does where nobody has set anything. */
const CERTIFICATE_DAYS = 21;

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
      proxies: tables.has('proxy') ? readProxies(database) : new Map(),
      certificateDays: tables.has('setting') ? readCertificateDays(database) : CERTIFICATE_DAYS,
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

function readProxies(database: DatabaseSync): ReadonlyMap<number, KumaProxy> {
  const rows = database.prepare('SELECT * FROM proxy LIMIT 10000').all();
  return new Map(
    rows.map(({ id, protocol, host, port, auth, username, password }) => {
      const parts = [username, password].map((part) => encodeURIComponent(String(part ?? '')));
      const credentials = Number(auth) === 1 ? parts.join(':') : undefined;
      return [Number(id), { protocol: String(protocol), host: String(host), port: Number(port), credentials }];
    }),
  );
}

/** The earliest of the days on which it tells; a list in JSON. */
function readCertificateDays(database: DatabaseSync): number {
  const row = database.prepare("SELECT value FROM setting WHERE key = 'tlsExpiryNotifyDays'").get();
  const days = [...String(row?.['value'] ?? '').matchAll(/\d+/g)].map(([text]) => Number(text));
  return days.length === 0 ? CERTIFICATE_DAYS : Math.min(3_650, Math.max(...days));
}
