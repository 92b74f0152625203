import { type ClickHouseClient, createClickHouse } from '@tocsin/service/clickhouse';
import { clickhouseUrls, type TocsinConfig } from '@tocsin/service/config';
import type { Logger } from '@tocsin/service/log';
import { createDatabase, migrate } from '../schema/migrate.ts';
import { readMigrations, tablesOf } from '../schema/migrations.ts';
import { checkEngines, checkServerVersion } from '../schema/server-check.ts';
import { clusterOf } from '../schema/cluster/cluster.ts';
import { type Attempts, createAttempts, readClock } from './attempts.ts';
import { createInserter, type InsertData } from './insert-segment.ts';
import { SentStatements } from './sent-statements.ts';
import { createPartsReader, type ReadParts } from './table-parts.ts';

/** The loader's way to ClickHouse. */
export interface DatabaseDoor {
  readonly insert: InsertData;
  readonly attempts: Attempts;
  readonly readParts: ReadParts;
  /** Makes the database and its tables right. */
  prepare(): Promise<void>;
  close(): Promise<void>;
}

/** An insert has a limit of its own, which this only stands behind. */
const BEHIND_MS = 10_000;
/** Small questions: a ClickHouse that does not answer them in this time does not answer. */
const QUESTION_TIMEOUT_MS = 10_000;
const PREPARE_TIMEOUT_MS = 60_000;

/** Makes the clients for the configured ClickHouse. Nothing is sent before the first use. */
export function createDatabaseDoor(config: TocsinConfig, log: Logger): DatabaseDoor {
  const { database } = config.clickhouse;
  const cluster = clusterOf(config);
  const client = openClient(config, database, config.collector.load.maxTimeoutMs + BEHIND_MS, log);
  const schema = openClient(config, database, PREPARE_TIMEOUT_MS);
  const questions = openClient(config, database, QUESTION_TIMEOUT_MS);
  // Of several servers any may have been given the insert: each is asked by itself.
  const servers = clickhouseUrls(config).map((url) =>
    openClient({ ...config, clickhouse: { ...config.clickhouse, url } }, database, QUESTION_TIMEOUT_MS),
  );
  const sent = new SentStatements({ askClock: () => readClock(questions) });
  return {
    insert: createInserter(client, sent, config.clickhouse.url === undefined),
    attempts: createAttempts({ servers, database, cluster, sent }),
    readParts: createPartsReader(questions, database),
    async prepare() {
      // Every request names its database, and one that does not exist yet is refused.
      const anywhere = openClient(config, 'default', PREPARE_TIMEOUT_MS);
      try {
        await checkServerVersion(anywhere);
        await createDatabase(anywhere, database, cluster);
      } finally {
        await anywhere.close();
      }
      const migrations = await readMigrations();
      await migrate(schema, migrations, log, cluster);
      await checkEngines(schema, tablesOf(migrations), { cluster, servers: clickhouseUrls(config).length });
    },
    async close() {
      await Promise.all([client, questions, schema, ...servers].map((each) => each.close()));
    },
  };
}

function openClient(config: TocsinConfig, database: string, requestTimeoutMs: number, log?: Logger): ClickHouseClient {
  return createClickHouse(
    { ...config, clickhouse: { ...config.clickhouse, database } },
    {
      application: 'collector',
      readonly: false,
      requestTimeoutMs,
      maxConnections: config.collector.journal.loadLanes + 2,
      ...(log ? { log } : {}),
    },
  );
}
