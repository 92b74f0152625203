import type { ClickHouseClient } from '@tocsin/service/clickhouse';

/** How many pieces a table's data is in. ClickHouse merges them; where it cannot keep up it first slows inserts and then refuses them. */
export interface TableParts {
  readonly table: string;
  readonly parts: number;
  /** In the partition that has most: ClickHouse's limits count by partition. */
  readonly mostInPartition: number;
}

/** Asks for the active parts of the database's tables. */
export type ReadParts = () => Promise<readonly TableParts[]>;

const QUERY = `SELECT table, toString(sum(parts)) AS parts, toString(max(parts)) AS most FROM
(SELECT table, partition_id, count() AS parts FROM system.parts WHERE active AND database = {database:String} GROUP BY table, partition_id)
GROUP BY table ORDER BY table`;

/** @param client with a short time limit */
export function createPartsReader(client: ClickHouseClient, database: string): ReadParts {
  return async () => {
    const result = await client.query({ query: QUERY, query_params: { database }, format: 'JSONEachRow' });
    const rows = await result.json<{ readonly table: string; readonly parts: string; readonly most: string }>();
    return rows.map(({ table, parts, most }) => ({ table, parts: Number(parts), mostInPartition: Number(most) }));
  };
}
