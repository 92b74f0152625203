import type { ClickHouseClient } from '@tocsin/service/clickhouse';
import type { Logger } from '@tocsin/service/log';
import { CollectorError } from '../errors.ts';
import type { Migration } from './migrations.ts';

const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS tocsin_migrations
(
    \`Version\` UInt32,
    \`Name\` String,
    \`AppliedAt\` DateTime64(3) DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree
ORDER BY Version
SETTINGS non_replicated_deduplication_window = 1000`;

const SELECT_APPLIED =
  'SELECT Version AS version, any(Name) AS name FROM tocsin_migrations GROUP BY version ORDER BY version';

interface Applied {
  readonly version: number;
  readonly name: string;
}

/** Creates the database where there is none. `client` must not use that database, or the server refuses its every request. */
export async function createDatabase(client: ClickHouseClient, database: string): Promise<void> {
  await client.command({ query: 'CREATE DATABASE IF NOT EXISTS {database:Identifier}', query_params: { database } });
}

/**
 * Applies the migrations that the client's database has not had yet, in order. Safe when several processes do so at once:
 * every statement changes nothing the second time, and a migration is recorded once (insert deduplication).
 * @returns the names of those applied now
 * @throws CollectorError `schema_newer` when the database has a migration this version does not know, `schema_foreign` when one
 * of the same number has another name. Nothing is changed then.
 */
export async function migrate(
  client: ClickHouseClient,
  migrations: readonly Migration[],
  log: Logger,
): Promise<readonly string[]> {
  await client.command({ query: CREATE_TABLE });
  const applied = await readApplied(client);
  refuseUnknown(applied, migrations);
  const known = new Set(applied.map(({ version }) => version));
  const missing = migrations.filter(({ version }) => !known.has(version));
  for (const migration of missing) {
    for (const query of migration.statements) await client.command({ query });
    await recordApplied(client, migration);
    log.info({ migration: migration.name }, 'schema: applied a migration');
  }
  return missing.map(({ name }) => name);
}

async function readApplied(client: ClickHouseClient): Promise<readonly Applied[]> {
  const result = await client.query({ query: SELECT_APPLIED, format: 'JSONEachRow' });
  return result.json<Applied>();
}

function refuseUnknown(applied: readonly Applied[], migrations: readonly Migration[]): void {
  const newest = migrations.at(-1)?.version ?? 0;
  for (const { version, name } of applied) {
    if (version > newest) {
      throw new CollectorError('schema_newer', `it has migration ${name}, this version knows ${newest}`);
    }
    const own = migrations.find((migration) => migration.version === version);
    if (own?.name !== name) {
      throw new CollectorError('schema_foreign', `migration ${version} is ${name} there and ${own?.name} here`);
    }
  }
}

async function recordApplied(client: ClickHouseClient, { version, name }: Migration): Promise<void> {
  await client.insert({
    table: 'tocsin_migrations',
    values: [{ Version: version, Name: name }],
    format: 'JSONEachRow',
    clickhouse_settings: { insert_deduplication_token: name, async_insert: 0 },
  });
}
