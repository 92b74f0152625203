import type { ClickHouseClient } from '@tocsin/service/clickhouse';
import { silentLogger } from '@tocsin/service/log';
import { migrate } from '../../../collector/src/schema/migrate.ts';
import { readMigrations } from '../../../collector/src/schema/migrations.ts';

/** Makes the tables as the collector makes them. */
export async function createTables(client: ClickHouseClient): Promise<void> {
  await migrate(client, await readMigrations(), silentLogger());
}
