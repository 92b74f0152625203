import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigError, type TocsinConfig } from '@tocsin/service/config';
import { applyListen, loadFileConfig } from '@tocsin/service/effective-config';
import { type Invocation, InvocationError, readInvocation } from '@tocsin/service/invocation';
import { openFolderStore } from '../backup/folder-store.ts';
import { openS3Store } from '../backup/s3/store.ts';
import { isUrl, readS3Target } from '../backup/s3/target.ts';
import { createProgress, type Progress } from '../backup/progress.ts';
import type { BackupStore } from '../backup/store.ts';

const FLAGS = {
  incremental: 'boolean',
  'dry-run': 'boolean',
  name: 'string',
  'config-to': 'string',
  'clickhouse-disk': 'string',
} as const;

/** What `backup` and `restore` have in common. */
export interface BackupSetup {
  readonly invocation: Invocation;
  readonly fileConfig: TocsinConfig;
  /** With the addresses of `--listen`. */
  readonly config: TocsinConfig;
  readonly progress: Progress;
  /** Aborts with Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  has(flag: string): boolean;
  value(flag: string): string | undefined;
  openStore(): BackupStore;
  /** Without ClickHouse where another is configured. */
  services(names: readonly string[]): readonly string[];
}

/** @param flags which of its own the command knows. @returns in words what is wrong with the command line or the configuration */
export async function readBackupSetup(
  host: NodeJS.Process,
  args: readonly string[],
  flags: readonly string[],
): Promise<BackupSetup | string> {
  const own = Object.fromEntries(
    Object.entries(FLAGS)
      .filter(([name]) => flags.includes(name))
      .map(([name, type]) => [name, { type }]),
  );
  let parsed: { readonly values: Readonly<Record<string, unknown>>; readonly positionals: readonly string[] };
  try {
    const options = {
      ...own,
      config: { type: 'string' },
      data: { type: 'string' },
      listen: { type: 'string', multiple: true },
    } as const;
    parsed = parseArgs({ args: [...args], options, strict: true, allowPositionals: true });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return error.message;
  }
  const { values, positionals } = parsed;
  const [target, ...more] = positionals;
  if (target === undefined || more.length > 0) return 'Expected one TARGET.';
  const s3 = isUrl(target) ? readS3Target(target, host.env) : undefined;
  if (typeof s3 === 'string') return s3;
  const passed = ['config', 'data'].flatMap((name) =>
    typeof values[name] === 'string' ? [`--${name}`, values[name]] : [],
  );
  const listen = ((values['listen'] as string[] | undefined) ?? []).flatMap((entry) => ['--listen', entry]);
  try {
    const invocation = readInvocation([...passed, ...listen], host.env, host.cwd());
    const fileConfig = await loadFileConfig(invocation, { env: host.env, workingDir: host.cwd() });
    const config = applyListen(fileConfig, invocation.listen);
    const isEmbedded = config.clickhouse.url === undefined;
    const disk = values['clickhouse-disk'] as string | undefined;
    if (!isEmbedded && !s3 && flags.includes('clickhouse-disk') && disk === undefined)
      return 'clickhouse.url names another ClickHouse: name the disk on which it may keep backups with --clickhouse-disk NAME, or back up to S3.';
    if (isEmbedded && disk !== undefined) return '--clickhouse-disk is for a ClickHouse that clickhouse.url names.';
    const ended = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) host.once(signal, () => ended.abort());
    return {
      invocation,
      fileConfig,
      config,
      progress: createProgress((line) => void host.stderr.write(`${line}\n`), Date.now),
      signal: ended.signal,
      has: (flag) => values[flag] === true,
      value: (flag) => values[flag] as string | undefined,
      openStore: () => {
        const engineFolder = isEmbedded ? join(invocation.dataDir, 'clickhouse/backups') : undefined;
        if (!s3) return openFolderStore({ folder: resolve(host.cwd(), target), engineFolder, disk });
        // A data folder that is restored into is empty until everything has been read.
        const stagingPrefix = `${invocation.dataDir}${flags.includes('dry-run') ? '.restore-' : '/backup-'}`;
        return openS3Store({ target: s3, stagingPrefix, engineFolder });
      },
      services: (names) => names.filter((name) => isEmbedded || name !== 'clickhouse'),
    };
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof InvocationError)) throw error;
    return error.message;
  }
}
