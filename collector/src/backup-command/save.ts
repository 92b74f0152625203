import { copyFile, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClickHouseClient } from '@tocsin/service/clickhouse';
import { type Hold, holdLoading } from './hold.ts';
import type { BackupJob, BackupMessage, BackupOutcome } from './job.ts';
import { runStatement } from './run-statement.ts';
import { backupStatement } from './statements.ts';

/** Beyond this the loading goes on, though the moment of ClickHouse's part could not be seen (over a cluster it cannot). */
const HOLD_LIMIT_MS = 300_000;

/**
 * Backs up the database and what of the collector must survive. Loading is held until ClickHouse knows which parts it writes, which takes as long as a list of
 * the parts; then it goes on while they are written.
 */
export async function saveCollector(
  { config, dataDir, place, base, copyTo }: Extract<BackupJob, { action: 'save' }>,
  client: ClickHouseClient,
  say: (message: BackupMessage) => void,
): Promise<BackupOutcome> {
  const directory = join(dataDir, 'collector');
  const { database, cluster } = config.clickhouse;
  const asked = await holdLoading(directory);
  if (asked.status === 'failed') return asked;
  const { hold } = asked;
  const heldAtMs = performance.now();
  try {
    const clickhouseVersion = await readVersion(client);
    let moment: 'open' | 'exact' | 'unseen' = 'open';
    let sizeBytes = 0;
    for await (const state of runStatement(client, backupStatement(database, { place, base, cluster }))) {
      if (state.status === 'failed') return { status: 'failed', reason: 'clickhouse', message: state.error };
      sizeBytes = state.totalBytes;
      if (moment === 'open') {
        const heldMs = performance.now() - heldAtMs;
        moment = await seeMoment(hold, state.isFixed, heldMs);
        if (moment !== 'open') {
          say({ type: 'held', milliseconds: heldMs });
          if (moment !== 'exact' && state.isFixed) return lost();
          await hold.release();
        }
      }
      say({ type: 'progress', progress: state });
    }
    await copyFolder(hold.snapshot, copyTo);
    return { status: 'ok', database, clickhouseVersion, sizeBytes, isExact: moment === 'exact' };
  } finally {
    await hold.release();
    await rm(hold.snapshot, { recursive: true, force: true });
  }
}

async function seeMoment(hold: Hold, isFixed: boolean, heldMs: number): Promise<'open' | 'exact' | 'unseen'> {
  if (isFixed) return (await hold.isHeld()) ? 'exact' : 'unseen';
  return heldMs > HOLD_LIMIT_MS ? 'unseen' : 'open';
}

function lost(): BackupOutcome {
  const message =
    'the collector began to load before ClickHouse had noted what it backs up (it was stopped, or another backup began); try again';
  return { status: 'failed', reason: 'hold-lost', message };
}

async function readVersion(client: ClickHouseClient): Promise<string> {
  const answer = await client.query({ query: 'SELECT version() AS version', format: 'JSONEachRow' });
  const [row] = await answer.json<{ version: string }>();
  return row?.version ?? 'unknown';
}

/** Files only this user may read: telemetry may hold secrets. */
async function copyFolder(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyFolder(source, target);
    else await copyFile(source, target);
  }
}
