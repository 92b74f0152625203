import type { ClickHouseClient } from '@tocsin/service/clickhouse';
import type { Logger } from '@tocsin/service/log';
import { CollectorError } from '../errors.ts';
import { type Cluster, localName, onCluster, replicaArgumentsEverywhere, systemTable } from './cluster/cluster.ts';
import { renderForCluster } from './cluster/render.ts';
import { type Migration, tablesOf } from './migrations.ts';

/** On a cluster every host has every row of it, so that any of them can be asked. */
function createTable(cluster: Cluster | undefined): string {
  const place = cluster ? ` ${onCluster(cluster)}` : '';
  const engine = cluster
    ? `ReplicatedReplacingMergeTree(${replicaArgumentsEverywhere(cluster, 'tocsin_migrations')})`
    : 'ReplacingMergeTree';
  const settings = cluster ? 'replicated_deduplication_window = 1000' : 'non_replicated_deduplication_window = 1000';
  return `CREATE TABLE IF NOT EXISTS tocsin_migrations${place}
(
    \`Version\` UInt32,
    \`Name\` String,
    \`AppliedAt\` DateTime64(3) DEFAULT now64(3)
)
ENGINE = ${engine}
ORDER BY Version
SETTINGS ${settings}`;
}

const SELECT_APPLIED =
  'SELECT Version AS version, any(Name) AS name FROM tocsin_migrations GROUP BY version ORDER BY version';

interface Applied {
  readonly version: number;
  readonly name: string;
}

/** Creates the database where there is none. `client` must not use that database, or the server refuses its every request. */
export async function createDatabase(client: ClickHouseClient, database: string, cluster?: Cluster): Promise<void> {
  const place = cluster ? ` ${onCluster(cluster)}` : '';
  await client.command({ query: `CREATE DATABASE IF NOT EXISTS \`${database}\`${place}` });
}

/**
 * Applies the migrations that the client's database has not had yet, in order. Safe when several processes do so at once, and when one dies
 * half-way: every statement changes nothing the second time, and a migration is recorded once (insert deduplication). On a cluster the statements
 * run on every host; those of a host that joined later run when a collector next starts.
 * @returns the names of those applied now
 * @throws CollectorError `schema_newer` when the database has a migration this version does not know, `schema_foreign` when one
 * of the same number has another name. Nothing is changed then.
 */
export async function migrate(
  client: ClickHouseClient,
  migrations: readonly Migration[],
  log: Logger,
  cluster?: Cluster,
): Promise<readonly string[]> {
  const written = cluster ? renderForCluster(migrations, cluster) : migrations;
  await client.command({ query: createTable(cluster) });
  const applied = await readApplied(client);
  refuseUnknown(applied, migrations);
  const known = new Set(applied.map(({ version }) => version));
  const missing = written.filter(({ version }) => !known.has(version));
  for (const migration of missing) {
    for (const query of migration.statements) await client.command({ query });
    await recordApplied(client, migration);
    log.info({ migration: migration.name }, 'schema: applied a migration');
  }
  if (cluster && missing.length === 0) await completeHosts(client, written, cluster, log);
  return missing.map(({ name }) => name);
}

/** Hosts that joined the cluster later lack the tables; all statements run again then, and change nothing on the others. */
async function completeHosts(
  client: ClickHouseClient,
  written: readonly Migration[],
  cluster: Cluster,
  log: Logger,
): Promise<void> {
  const names = tablesOf(written).flatMap((name) => [name, localName(name)]);
  const result = await client.query({
    query: `SELECT
    (SELECT uniqExact(hostName()) FROM ${systemTable('one', cluster)}) AS hosts,
    (SELECT count() FROM (
        SELECT hostName() AS host FROM ${systemTable('tables', cluster)}
        WHERE database = {database:String} AND has({names:Array(String)}, name)
        GROUP BY host HAVING count() = length({names:Array(String)}))) AS complete`,
    query_params: { database: cluster.database, names },
    format: 'JSONEachRow',
    clickhouse_settings: { skip_unavailable_shards: 1, output_format_json_quote_64bit_integers: 0 },
  });
  const [row] = await result.json<{ hosts: number; complete: number }>();
  if (!row || row.hosts <= row.complete) return;
  log.info(
    { hosts: row.hosts, complete: row.complete },
    'schema: hosts of the cluster lack tables; they are made there',
  );
  for (const query of written.flatMap(({ statements }) => statements)) await client.command({ query });
}

async function readApplied(client: ClickHouseClient): Promise<readonly Applied[]> {
  const result = await client.query({ query: SELECT_APPLIED, format: 'JSONEachRow' });
  return result.json<Applied>();
}

function refuseUnknown(applied: readonly Applied[], migrations: readonly Migration[]): void {
  const newest = migrations.at(-1)?.version ?? 0;
  for (const { version, name } of applied) {
    const own = migrations.find((migration) => migration.version === version);
    if (!own) throw new CollectorError('schema_newer', `it has migration ${name}, this version knows up to ${newest}`);
    if (own.name !== name)
      throw new CollectorError('schema_foreign', `migration ${version} is ${name} there and ${own.name} here`);
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
