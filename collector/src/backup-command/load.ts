import type { ClickHouseClient } from '@tocsin/service/clickhouse';
import type { BackupJob, BackupMessage, BackupOutcome } from './job.ts';
import { runStatement } from './run-statement.ts';
import { restoreStatement } from './statements.ts';

/** Restores the database, where there is no table in it yet. */
export async function loadCollector(
  { config, place, base, database }: Extract<BackupJob, { action: 'load' }>,
  client: ClickHouseClient,
  say: (message: BackupMessage) => void,
): Promise<BackupOutcome> {
  const { database: into, cluster } = config.clickhouse;
  const { version, tables } = await readFacts(client, into);
  if (tables > 0) {
    const message = `the database ${into} of ClickHouse has ${tables} tables; expected an empty one, or none. Set clickhouse.database to another name`;
    return { status: 'failed', reason: 'not-empty', message };
  }
  let sizeBytes = 0;
  for await (const state of runStatement(client, restoreStatement(database, into, { place, base, cluster }))) {
    if (state.status === 'failed') return { status: 'failed', reason: 'clickhouse', message: state.error };
    sizeBytes = state.totalBytes;
    say({ type: 'progress', progress: state });
  }
  return { status: 'ok', database: into, clickhouseVersion: version, sizeBytes, isExact: true };
}

async function readFacts(client: ClickHouseClient, database: string): Promise<{ version: string; tables: number }> {
  const answer = await client.query({
    query:
      'SELECT version() AS version, toUInt32(count()) AS tables FROM system.tables WHERE database = {database:String}',
    query_params: { database },
    format: 'JSONEachRow',
  });
  const [row] = await answer.json<{ version: string; tables: number }>();
  if (!row) throw new Error('ClickHouse gave no answer');
  return row;
}
