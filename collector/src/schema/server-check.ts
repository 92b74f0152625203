import { type ClickHouseClient, parseServerVersion } from '@tocsin/service/clickhouse';
import { CollectorError } from '../errors.ts';
import type { Cluster } from './cluster/cluster.ts';

/** @throws CollectorError `server_too_old` when the server is older than Tocsin needs */
export async function checkServerVersion(client: ClickHouseClient): Promise<void> {
  const result = await client.query({ query: 'SELECT version() AS version', format: 'JSONEachRow' });
  const [row] = await result.json<{ version: string }>();
  const judged = parseServerVersion(row?.version ?? '');
  if (judged.status === 'failed') throw new CollectorError('server_too_old', judged.message);
}

/**
 * Holds the tables against the configuration: over a cluster they are Distributed, without one they are not, and where there are several
 * servers each has the same rows.
 * @param tables the public names of the tables with rows
 * @throws CollectorError `schema_not_clustered`, `schema_clustered` or `servers_not_replicated`
 */
export async function checkEngines(
  client: ClickHouseClient,
  tables: readonly string[],
  { cluster, servers }: { readonly cluster: Cluster | undefined; readonly servers: number },
): Promise<void> {
  const result = await client.query({
    query:
      'SELECT name, engine FROM system.tables WHERE database = currentDatabase() AND has({tables:Array(String)}, name)',
    query_params: { tables: [...tables] },
    format: 'JSONEachRow',
  });
  const found = await result.json<{ name: string; engine: string }>();
  const wrong = found.map((table) => judgeEngine(table, cluster, servers)).find((error) => error !== undefined);
  if (wrong) throw wrong;
}

/** Why a table is not what the configuration asks for. */
export function judgeEngine(
  { name, engine }: { readonly name: string; readonly engine: string },
  cluster: Cluster | undefined,
  servers: number,
): CollectorError | undefined {
  if (cluster) {
    if (engine === 'Distributed') return undefined;
    const detail = `${name} is a ${engine} there. Set clickhouse.database to a new one, or unset clickhouse.cluster`;
    return new CollectorError('schema_not_clustered', detail);
  }
  if (engine === 'Distributed')
    return new CollectorError(
      'schema_clustered',
      `${name} is Distributed there. Set clickhouse.cluster to the cluster's name`,
    );
  if (servers > 1 && !/^(?:Replicated|Shared)|^Null$/.test(engine)) {
    const detail = `${name} is a ${engine}, which each of the ${servers} servers has by itself. Set clickhouse.cluster, or name one server`;
    return new CollectorError('servers_not_replicated', detail);
  }
  return undefined;
}
