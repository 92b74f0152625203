import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TocsinConfig } from '@tocsin/service/config';
import { type BackupPlace, runCollectorJob } from './job.ts';
import { formatBytes, type Progress } from './progress.ts';
import { UNFINISHED_FILE } from './unfinished.ts';
import type { BackupStore, Listing, StoredBackup } from './store.ts';

/** What a restore is told. */
export interface RestoreOptions {
  readonly dataDir: string;
  readonly store: BackupStore;
  /** `undefined` for the newest. */
  readonly name: string | undefined;
  /** Only says what would be done. */
  readonly isDryRun: boolean;
  /** Where the configuration's files go; `undefined` leaves them in the backup. */
  readonly configTo: string | undefined;
  /** Runs with a ClickHouse that has the data folder to itself, or with the configured one; the configuration has its address. */
  withClickHouse<Result>(work: (config: TocsinConfig) => Promise<Result>): Promise<Result>;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** How it ended. `message` is for people. */
export type RestoreResult =
  | { readonly status: 'ok'; readonly restored: StoredBackup }
  | { readonly status: 'failed'; readonly reason: string; readonly message: string };

type Failure = Extract<RestoreResult, { status: 'failed' }>;

/**
 * Brings a backup into an empty data folder. Everything is read and held against its checksums before anything is written; a restore that fails leaves a mark, on which
 * nothing starts.
 */
export async function restoreBackup(options: RestoreOptions): Promise<RestoreResult> {
  try {
    return await restore(options);
  } finally {
    await options.store.close();
  }
}

async function restore(options: RestoreOptions): Promise<RestoreResult> {
  const { dataDir, store, name, isDryRun, configTo, progress } = options;
  const chain = findChain(await store.list(), name, store.label);
  if ('status' in chain) return chain;
  const occupied =
    (await occupant(dataDir, 'data folder')) ??
    (configTo === undefined ? undefined : await occupant(configTo, 'folder'));
  if (occupied) return occupied;
  for (const backup of chain) {
    progress.say(`${backup.manifest.name}: held against its checksums`);
    const total = backup.manifest.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    let done = 0;
    const damage = await store.verify(backup, (bytes) => progress.bytes('read', (done += bytes), total));
    if (damage !== undefined)
      return { status: 'failed', reason: 'damaged', message: `${damage}. Nothing was restored.` };
  }
  const [restored] = chain;
  if (isDryRun) return { status: 'ok', restored };
  return bringBack(options, restored, chain[1]);
}

async function bringBack(
  options: RestoreOptions,
  restored: StoredBackup,
  base: StoredBackup | undefined,
): Promise<RestoreResult> {
  const { dataDir, store, configTo, progress, signal } = options;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const mark = join(dataDir, UNFINISHED_FILE);
  await writeFile(mark, `${restored.manifest.name}\n`, { mode: 0o600 });
  const place = store.placeOf(restored.manifest);
  const basePlace: BackupPlace | undefined = base && store.placeOf(base.manifest);
  await store.fetch(restored, 'data', dataDir);
  const { database } = restored.manifest.clickhouse;
  const outcome = await options.withClickHouse((config) =>
    runCollectorJob(
      { action: 'load', config, dataDir, place, base: basePlace, database },
      { progress: (done, total) => progress.bytes('ClickHouse', done, total), held: () => undefined },
      signal,
    ),
  );
  if (outcome.status === 'failed') {
    const message = `${outcome.message}\n${dataDir} is not whole, and nothing starts on it. Remove it and restore again.`;
    return { status: 'failed', reason: outcome.reason, message };
  }
  if (configTo !== undefined) await store.fetch(restored, 'config', configTo);
  await rm(mark);
  progress.say(`ClickHouse: ${formatBytes(outcome.sizeBytes)} restored into the database ${outcome.database}`);
  return { status: 'ok', restored };
}

/** The backup that is meant, and all that it is on top of. */
function findChain(
  { backups, others }: Listing,
  name: string | undefined,
  label: string,
): readonly [StoredBackup, ...StoredBackup[]] | Failure {
  const named = name === undefined ? backups.at(-1) : backups.find(({ manifest }) => manifest.name === name);
  if (!named) {
    const other = others.find((one) => one.name === name) ?? (name === undefined ? others.at(-1) : undefined);
    const why = other
      ? `${other.name} is no whole backup: ${other.why}`
      : 'expected a folder that npx tocsin backup has written to';
    return {
      status: 'failed',
      reason: 'no-backup',
      message: `${label}: there is no backup${name === undefined ? '' : ` ${name}`}; ${why}`,
    };
  }
  const chain: [StoredBackup, ...StoredBackup[]] = [named];
  for (let { base } = named.manifest; base;) {
    const { name: wanted, sha256 } = base;
    const found = backups.find(({ manifest }) => manifest.name === wanted);
    const top = chain.at(-1)?.manifest.name;
    if (!found)
      return {
        status: 'failed',
        reason: 'no-base',
        message: `${top} is on top of ${wanted}, which is not in ${label}`,
      };
    if (found.manifestSha256 !== sha256)
      return {
        status: 'failed',
        reason: 'damaged',
        message: `manifest.json of ${wanted} is another one than when ${top} was made`,
      };
    chain.push(found);
    base = found.manifest.base;
  }
  return chain;
}

/** @returns why a folder is not empty */
async function occupant(folder: string, what: string): Promise<Failure | undefined> {
  if (!existsSync(folder)) return undefined;
  const [first] = (await readdir(folder)).filter((entry) => entry !== 'lost+found');
  if (first === undefined) return undefined;
  const message =
    first === UNFINISHED_FILE || existsSync(join(folder, UNFINISHED_FILE))
      ? `${folder} is what an unfinished restore has left; remove it and restore again`
      : `expected an empty ${what} or none, found ${first} in ${folder}. Give another one with --data DIR, or move it away`;
  return { status: 'failed', reason: 'not-empty', message };
}
