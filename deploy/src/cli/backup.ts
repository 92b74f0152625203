import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { TocsinConfig } from '@tocsin/service/config';
import { lockBackups } from '../backup/backup-lock.ts';
import { openFolderStore } from '../backup/folder-store.ts';
import { S3Error } from '../backup/s3/client.ts';
import { openS3Store } from '../backup/s3/store.ts';
import { isUrl, readS3Target } from '../backup/s3/target.ts';
import { formatBytes } from '../backup/progress.ts';
import type { BackupStore, Listing, StoredBackup } from '../backup/store.ts';
import { takeBackup, type TakeBackupResult } from '../backup/take-backup.ts';
import { atEndpoints, withServices } from '../backup/with-services.ts';
import type { Endpoints } from '../standalone/launcher.ts';
import { createProcessTable } from '../standalone/process-identity.ts';
import { type BackupSetup, readBackupSetup } from './backup-setup.ts';
import { EXIT } from './exit-codes.ts';

const USAGE = `Usage: npx tocsin backup TARGET [--incremental] [--config FILE] [--data DIR] [--clickhouse-disk NAME]
       npx tocsin backup list TARGET [--json]
TARGET is a folder, or s3://BUCKET/PREFIX with AWS_ACCESS_KEY_ID and its like in the environment. An incremental backup holds what is new since the newest one there.`;

/** `backup …`: backs up a Tocsin, running or not, or lists backups. @returns the exit code: 0, 1 failed, 2 misused */
export async function runBackup(host: NodeJS.Process, args: readonly string[]): Promise<number> {
  try {
    return await backUp(host, args);
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    host.stderr.write(`No backup was made: ${error.message}\n`);
    return EXIT.failed;
  }
}

async function backUp(host: NodeJS.Process, args: readonly string[]): Promise<number> {
  if (args[0] === 'list') return listBackups(host, args.slice(1));
  const setup = await readBackupSetup(host, args, ['incremental', 'clickhouse-disk']);
  if (typeof setup === 'string') {
    host.stderr.write(`${setup}\n${USAGE}\n`);
    return EXIT.badConfiguration;
  }
  const { dataDir } = setup.invocation;
  if (!existsSync(join(dataDir, 'collector'))) {
    host.stderr.write(`${dataDir}: expected the data folder of a collector, found none. Name it with --data DIR.\n`);
    return EXIT.failed;
  }
  const lock = await lockBackups(
    dataDir,
    host.pid,
    createProcessTable((pid, signal) => host.kill(pid, signal)),
  );
  if (lock.status === 'failed') {
    host.stderr.write(`${dataDir}: another backup (process ${lock.holder}) is being made\n`);
    return EXIT.failed;
  }
  try {
    return await makeBackup(host, setup);
  } finally {
    await lock.release();
  }
}

async function makeBackup(host: NodeJS.Process, setup: BackupSetup): Promise<number> {
  const store = setup.openStore();
  const { backups } = await store.list();
  const base = setup.has('incremental') ? backups.at(-1) : undefined;
  if (setup.has('incremental') && !base) {
    host.stderr.write(
      `${store.label}: there is no backup yet that an incremental one could be on top of; leave --incremental out\n`,
    );
    return EXIT.failed;
  }
  const result = await takeFrom(host, setup, store, base);
  if (result.status === 'failed') {
    host.stderr.write(`No backup was made: ${result.message}\n`);
    return EXIT.failed;
  }
  const { manifest } = result;
  const sizeBytes = manifest.files.reduce((sum, file) => sum + file.sizeBytes, 0);
  host.stdout.write(
    `${manifest.name}: ${manifest.files.length} files, ${formatBytes(sizeBytes)} in ${store.label}\n` +
      (manifest.isExact
        ? ''
        : 'warning: the moment of the ClickHouse part could not be seen: what came meanwhile may be missing or be there twice.\n') +
      (manifest.secretFiles.length === 0
        ? ''
        : `Not in it are the files with secrets: ${manifest.secretFiles.join(', ')}\n`),
  );
  return EXIT.stopped;
}

/** Of the Tocsin that runs on the data folder; where none does, of one that is started for it. */
async function takeFrom(
  host: NodeJS.Process,
  setup: BackupSetup,
  store: BackupStore,
  base: StoredBackup | undefined,
): Promise<TakeBackupResult> {
  const { fileConfig, config, invocation, progress } = setup;
  const take = (current: TocsinConfig): Promise<TakeBackupResult> =>
    takeBackup({
      config: current,
      dataDir: invocation.dataDir,
      store,
      base,
      progress,
      now: Date.now,
      signal: setup.signal,
    });
  const endpoints = await runningEndpoints(host, invocation.dataDir);
  const first = await take(endpoints ? atEndpoints(fileConfig, endpoints) : config);
  if (first.status === 'ok' || first.reason !== 'collector-away' || endpoints) return first;
  progress.say('Tocsin does not run; its collector and ClickHouse are started for the backup');
  const started = await withServices(
    { invocation, fileConfig, process: host },
    setup.services(['clickhouse', 'collector']),
    take,
  );
  return started.started ? started.result : { status: 'failed', reason: 'not-started', message: started.message };
}

/** Where the services of a launcher that lives listen. */
async function runningEndpoints(host: NodeJS.Process, dataDir: string): Promise<Endpoints | undefined> {
  const text = await readFile(join(dataDir, 'endpoints.json'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
  if (text === undefined) return undefined;
  const { pid, endpoints } = JSON.parse(text) as { readonly pid: number; readonly endpoints: Endpoints };
  const processes = createProcessTable((id, signal) => host.kill(id, signal));
  return processes.identify(pid) ? endpoints : undefined;
}

/** Needs no configuration and no Tocsin: the target may be looked at on any machine. */
async function listBackups(host: NodeJS.Process, args: readonly string[]): Promise<number> {
  const isJson = args.includes('--json');
  const [target, ...more] = args.filter((arg) => arg !== '--json');
  if (target === undefined || more.length > 0 || target.startsWith('-')) {
    host.stderr.write(`${USAGE}\n`);
    return EXIT.badConfiguration;
  }
  const s3 = isUrl(target) ? readS3Target(target, host.env) : undefined;
  if (typeof s3 === 'string') {
    host.stderr.write(`${s3}\n`);
    return EXIT.badConfiguration;
  }
  const store = s3
    ? openS3Store({ target: s3, stagingPrefix: '', engineFolder: undefined })
    : openFolderStore({ folder: resolve(host.cwd(), target), engineFolder: undefined, disk: undefined });
  const listing = await store.list();
  if (isJson) {
    const backups = listing.backups.map(({ manifest: { files: _files, ...rest } }) => rest);
    host.stdout.write(`${JSON.stringify({ ...listing, backups }, null, 2)}\n`);
  } else host.stdout.write(formatListing(listing, store.label));
  return EXIT.stopped;
}

function formatListing({ backups, others }: Listing, label: string): string {
  if (backups.length + others.length === 0) return `${label}: no backups.\n`;
  const lines = backups.map(({ manifest: { name, beganAt, base, files, tocsinVersion } }) => {
    const size = formatBytes(files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
    return `${name}  ${beganAt}  ${size}  Tocsin ${tocsinVersion}${base ? `  on top of ${base.name}` : ''}`;
  });
  return [...lines, ...others.map(({ name, why }) => `${name}  no whole backup: ${why}`), ''].join('\n');
}
