import { type ClickHouseClient, createClickHouse } from '@tocsin/service/clickhouse';
import { clickhouseUrls, type TocsinConfig } from '@tocsin/service/config';
import type { Logger } from '@tocsin/service/log';
import { createDatabase, migrate } from '../schema/migrate.ts';
import { readMigrations, tablesOf } from '../schema/migrations.ts';
import { checkEngines, checkServerVersion } from '../schema/server-check.ts';
import { clusterOf } from '../schema/cluster/cluster.ts';
import { applyRetention, type Retention } from '../schema/retention.ts';
import { createInserter, type InsertBytes } from './insert-segment.ts';

/** The loader's way to ClickHouse. */
export interface DatabaseDoor {
  readonly insert: InsertBytes;
  /** Makes the database, its tables and their retention right. */
  prepare(retention: Retention): Promise<void>;
  close(): Promise<void>;
}

/** A segment of the largest requests takes a slow ClickHouse a while; a retry finds what was done in spite of a timeout. */
const INSERT_TIMEOUT_MS = 60_000;

/** Makes the clients for the configured ClickHouse. Nothing is sent before the first use. */
export function createDatabaseDoor(config: TocsinConfig, log: Logger): DatabaseDoor {
  const { database } = config.clickhouse;
  const cluster = clusterOf(config);
  const client = openClient(config, database, log);
  return {
    insert: createInserter(client),
    async prepare(retention) {
      // Every request names its database, and one that does not exist yet is refused.
      const anywhere = openClient(config, 'default', undefined);
      try {
        await checkServerVersion(anywhere);
        await createDatabase(anywhere, database, cluster);
      } finally {
        await anywhere.close();
      }
      const migrations = await readMigrations();
      await migrate(client, migrations, log, cluster);
      await checkEngines(client, tablesOf(migrations), { cluster, servers: clickhouseUrls(config).length });
      await applyRetention(client, retention, log);
    },
    close: () => client.close(),
  };
}

function openClient(config: TocsinConfig, database: string, log: Logger | undefined): ClickHouseClient {
  return createClickHouse(
    { ...config, clickhouse: { ...config.clickhouse, database } },
    {
      application: 'collector',
      readonly: false,
      requestTimeoutMs: INSERT_TIMEOUT_MS,
      maxConnections: config.collector.journal.loadLanes + 2,
      ...(log ? { log } : {}),
    },
  );
}
