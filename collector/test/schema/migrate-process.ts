import { createClient } from '@clickhouse/client';
import { silentLogger } from '@tocsin/service/log';
import { createDatabase, migrate } from '../../src/schema/migrate.ts';
import { readMigrations } from '../../src/schema/migrations.ts';

/** A process for the race of migrators: migrates when it is told to, and says what it applied. */
const [, , url = '', database = ''] = process.argv;
process.once('message', () => void run());
process.send?.('ready');

async function run(): Promise<void> {
  const anywhere = createClient({ url });
  await createDatabase(anywhere, database);
  await anywhere.close();
  const client = createClient({ url, database });
  const log = silentLogger();
  // Tells the test of each migration, so that it can end this process between two of them.
  log.info = () => process.send?.('applied');
  await migrate(client, await readMigrations(), log);
  await client.close();
  process.disconnect?.();
}
