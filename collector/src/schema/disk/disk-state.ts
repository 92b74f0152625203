import type { ClickHouseClient } from '@tocsin/service/clickhouse';
import { type Cluster, databaseExpression, localName, storedTable, systemTable } from '../cluster/cluster.ts';
import { KEPT_TABLES } from '../retention-table.ts';
import type { DiskState, Partition } from './decide-drop.ts';

/**
 * Reads how much is free where telemetry lies: the disk with the least free of those that hold parts of the database, on a cluster of all hosts.
 * @returns `undefined` while there is no part yet
 */
export async function readDiskState(
  client: ClickHouseClient,
  cluster: Cluster | undefined,
): Promise<DiskState | undefined> {
  const parts = systemTable('parts', cluster);
  const disks = await rows<{ host: string; disk: string; free: number; total: number; pending: number }>(
    client,
    `SELECT host, disk, free, total, pending
FROM (SELECT hostName() AS host, name AS disk, toFloat64(free_space) AS free, toFloat64(total_space) AS total FROM ${systemTable('disks', cluster)} WHERE NOT is_remote) AS disks
INNER JOIN (SELECT hostName() AS host, disk_name AS disk, toFloat64(sumIf(bytes_on_disk, NOT active)) AS pending FROM ${parts} WHERE database = ${databaseExpression(cluster)} GROUP BY host, disk) AS used
USING (host, disk)
ORDER BY free LIMIT 1`,
  );
  const [fullest] = disks;
  if (!fullest) return undefined;
  const partitions = await rows<Partition>(
    client,
    `SELECT table, any(partition) AS partition, partition_id AS id, toFloat64(sum(bytes_on_disk)) AS bytes
FROM ${parts}
WHERE database = ${databaseExpression(cluster)} AND active AND has({names:Array(String)}, table)
GROUP BY table, id`,
    KEPT_TABLES.map(({ table }) => (cluster ? localName(table) : table)),
  );
  return {
    disk: cluster ? `${fullest.host}:${fullest.disk}` : fullest.disk,
    freeBytes: fullest.free,
    totalBytes: fullest.total,
    pendingBytes: fullest.pending,
    partitions: partitions.map((one) => ({ ...one, table: cluster ? one.table.replace(/_local$/, '') : one.table })),
  };
}

/**
 * Lets a partition go, on a cluster on every shard, so that a day is there or is not. Whoever does the same at the same moment does nothing more.
 */
export async function dropPartition(
  client: ClickHouseClient,
  { table, id }: Partition,
  cluster: Cluster | undefined,
): Promise<void> {
  await client.command({
    query: `ALTER TABLE ${storedTable(table, cluster)} DROP PARTITION ID '${id}'`,
    // The server's guard against a slip of the hand would keep the largest, which are the ones to go.
    clickhouse_settings: { max_partition_size_to_drop: '0' },
  });
}

async function rows<Row>(client: ClickHouseClient, query: string, names: readonly string[] = []): Promise<Row[]> {
  const result = await client.query({ query, query_params: { names: [...names] }, format: 'JSONEachRow' });
  return result.json<Row>();
}
