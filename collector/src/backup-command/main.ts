import { once } from 'node:events';
import { createClickHouse } from '@tocsin/service/clickhouse';
import { clickhouseUrls } from '@tocsin/service/config';
import { withEmbeddedLogin } from '@tocsin/service/embedded-login';
import type { BackupJob, BackupMessage, BackupOutcome } from './job.ts';
import { loadCollector } from './load.ts';
import { saveCollector } from './save.ts';

// The launcher's side of `npx tocsin backup` and `restore`: it has the collector's login, so what ClickHouse is told comes from its owner.
const [job] = (await once(process, 'message')) as [BackupJob];
const say = (message: BackupMessage): void => void process.send?.(message, () => undefined);
process.on('disconnect', () => process.exit(1));
const outcome = await run(job);
await new Promise<void>((sent) => {
  if (!process.send) return sent();
  process.send({ type: 'done', outcome } satisfies BackupMessage, () => sent());
});
process.exit(outcome.status === 'ok' ? 0 : 1);

async function run(wanted: BackupJob): Promise<BackupOutcome> {
  const config = withEmbeddedLogin(wanted.config, 'collector', wanted.dataDir);
  // One server: what it backs up only it can tell of. And no database: it may not be there yet.
  const [url = ''] = clickhouseUrls(config);
  const single = { ...config, clickhouse: { ...config.clickhouse, url, database: 'default' } };
  const client = createClickHouse(single, { application: 'backup', readonly: false, requestTimeoutMs: 60_000 });
  try {
    return wanted.action === 'save'
      ? await saveCollector({ ...wanted, config }, client, say)
      : await loadCollector({ ...wanted, config }, client, say);
  } catch (error) {
    // A ClickHouse that is away, or that refuses: in its own words.
    return { status: 'failed', reason: 'clickhouse', message: error instanceof Error ? error.message : String(error) };
  } finally {
    await client.close();
  }
}
