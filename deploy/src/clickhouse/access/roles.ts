import { type Role } from './access.ts';

/** The roles of the engine, one of which every session takes before its first statement, for good. */
const ROLE_NAMES = { reader: 'tocsin_reader', writer: 'tocsin_writer' } as const satisfies Record<Role, string>;

/**
 * What each role may do, by ClickHouse's own grants. No role has a source (`URL`, `REMOTE`, `S3`, `MYSQL` …), so the engine itself refuses each
 * table function, table engine and database engine that would reach one. Only the writer has `FILE`, to read: its INSERT … FROM input() comes as a file.
 * Grants do not cover the function `file()`, dictionaries' files, OUTFILE and INFILE: those are `sql/guard.ts`'s alone.
 */
const GRANTS: Readonly<Record<Role, readonly string[]>> = {
  reader: ['SHOW, SELECT, CREATE TEMPORARY TABLE ON *.*'],
  writer: [
    'SHOW, SELECT, INSERT, ALTER, CREATE, DROP, UNDROP TABLE, TRUNCATE, OPTIMIZE, CHECK, KILL QUERY, BACKUP ON *.*',
    'SYSTEM MERGES, SYSTEM TTL MERGES, SYSTEM MOVES, SYSTEM FLUSH, SYSTEM DROP CACHE, SYSTEM SYNC REPLICA, SYSTEM VIEWS ON *.*',
    'READ ON FILE',
  ],
};

/** What is nobody's to change: the engine's own databases, and the one that is a view of the file system. */
const UNTOUCHABLE = ['system', 'information_schema', 'INFORMATION_SCHEMA', 'default'];
const CHANGES = 'INSERT, ALTER, CREATE, DROP, UNDROP TABLE, TRUNCATE, OPTIMIZE';

/** The statement that begins a session. */
export function takeRole(role: Role): string {
  return `SET ROLE ${ROLE_NAMES[role]}`;
}

/** The text of the engine's users file. The engine in process knows one user, `default`; what it may do is in its roles alone. */
export function usersConfiguration(): string {
  const roles = Object.entries(ROLE_NAMES).map(([role, name]) => {
    const revoked = role === 'writer' ? UNTOUCHABLE.map((database) => `REVOKE ${CHANGES} ON ${database}.*`) : [];
    const queries = [...GRANTS[role as Role].map((grant) => `GRANT ${grant}`), ...revoked].map(
      (query) => `<query>${query}</query>`,
    );
    return `    <${name}><grants>${queries.join('')}</grants></${name}>\n`;
  });
  const own = Object.values(ROLE_NAMES).map((name) => `<query>GRANT ${name}</query>`);
  return `<clickhouse>
  <profiles><default></default></profiles>
  <quotas><default></default></quotas>
  <roles>
${roles.join('')}  </roles>
  <users>
    <default><no_password/><profile>default</profile><quota>default</quota><networks><ip>::/0</ip></networks><grants>${own.join('')}</grants></default>
  </users>
</clickhouse>
`;
}
