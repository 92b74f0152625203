import type { TocsinConfig } from '@tocsin/service/config';
import { resolve } from 'node:path';
import { restoreBackup } from '../backup/restore-backup.ts';
import { S3Error } from '../backup/s3/client.ts';
import { withServices } from '../backup/with-services.ts';
import { readBackupSetup } from './backup-setup.ts';
import { EXIT } from './exit-codes.ts';

const USAGE = `Usage: npx tocsin restore TARGET [--name NAME] [--dry-run] [--config FILE] [--config-to DIR] [--data DIR]
Brings the newest backup of TARGET, or the one named, into an empty data folder. --config-to writes the configuration's files into a folder.`;

class NotStarted extends Error {}

/** `restore …`. @returns the exit code: 0, 1 failed, 2 misused */
export async function runRestore(host: NodeJS.Process, args: readonly string[]): Promise<number> {
  const setup = await readBackupSetup(host, args, ['name', 'dry-run', 'config-to']);
  if (typeof setup === 'string') {
    host.stderr.write(`${setup}\n${USAGE}\n`);
    return EXIT.badConfiguration;
  }
  const { fileConfig, config, invocation, progress, signal } = setup;
  const store = setup.openStore();
  const configTo = setup.value('config-to');
  const withClickHouse = async <Result>(work: (current: TocsinConfig) => Promise<Result>): Promise<Result> => {
    const services = setup.services(['clickhouse']);
    if (services.length === 0) return work(config);
    const started = await withServices({ invocation, fileConfig, process: host }, services, work);
    if (!started.started) throw new NotStarted(started.message);
    return started.result;
  };
  try {
    const isDryRun = setup.has('dry-run');
    const result = await restoreBackup({
      dataDir: invocation.dataDir,
      store,
      name: setup.value('name'),
      isDryRun,
      configTo: configTo === undefined ? undefined : resolve(host.cwd(), configTo),
      withClickHouse,
      progress,
      signal,
    });
    if (result.status === 'failed') {
      host.stderr.write(`Not restored: ${result.message}\n`);
      return EXIT.failed;
    }
    const { manifest } = result.restored;
    host.stdout.write(
      isDryRun
        ? `${manifest.name} of ${manifest.beganAt} is whole. Without --dry-run it would be restored into ${invocation.dataDir}.\n`
        : `${manifest.name} of ${manifest.beganAt} is restored into ${invocation.dataDir}. Start it with npx tocsin up.\n`,
    );
    if (manifest.secretFiles.length > 0)
      host.stdout.write(`The configuration wants files that are not in a backup: ${manifest.secretFiles.join(', ')}\n`);
    return EXIT.stopped;
  } catch (error) {
    if (error instanceof S3Error) {
      host.stderr.write(`Not restored: ${error.message}\n`);
      return EXIT.failed;
    }
    if (!(error instanceof NotStarted)) throw error;
    host.stderr.write(
      `Not restored: ${error.message}\n${invocation.dataDir} is not whole; remove it and restore again.\n`,
    );
    return EXIT.failed;
  }
}
