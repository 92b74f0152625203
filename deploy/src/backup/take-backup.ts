import { join } from 'node:path';
import type { TocsinConfig } from '@tocsin/service/config';
import { VERSION } from '@tocsin/service/version';
import { saveConfigFiles } from './config-files.ts';
import { runCollectorJob, runSave } from './job.ts';
import { type Manifest, PARTS } from './manifest.ts';
import type { Progress } from './progress.ts';
import type { BackupStore, StoredBackup } from './store.ts';

/** What a backup is made of. */
export interface TakeBackupOptions {
  /** With the address at which ClickHouse listens now. */
  readonly config: TocsinConfig;
  readonly dataDir: string;
  readonly store: BackupStore;
  /** Only what is new since this one. */
  readonly base: StoredBackup | undefined;
  readonly progress: Progress;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** How it ended. `message` is for people. */
export type TakeBackupResult =
  | { readonly status: 'ok'; readonly manifest: Manifest }
  | { readonly status: 'failed'; readonly reason: string; readonly message: string };

/**
 * Backs up everything that must survive, while Tocsin runs. The order is what makes it consistent: the checker's results first, then what the collector has of
 * them; each part holds at least what was acknowledged when the backup began. One that fails is removed.
 */
export async function takeBackup(options: TakeBackupOptions): Promise<TakeBackupResult> {
  const { config, dataDir, store, base, progress, now, signal } = options;
  const beganMs = now();
  const name = nameOf(beganMs, base !== undefined);
  const draft = await store.begin(name);
  let isWhole = false;
  try {
    const data = join(draft.folder, PARTS.data);
    const secretFiles = await saveConfigFiles(config, join(draft.folder, PARTS.config));
    await runSave('checker', dataDir, join(data, 'checker'));
    await runSave('alerting', dataDir, join(data, 'alerting'));
    progress.say('configuration, checker and alerting are saved');
    const outcome = await runCollectorJob(
      {
        action: 'save',
        config,
        dataDir,
        place: draft.place,
        base: base && store.placeOf(base.manifest),
        copyTo: join(data, 'collector'),
      },
      {
        progress: (done, total) => progress.bytes('ClickHouse', done, total),
        held: (milliseconds) =>
          progress.say(`loading was held for ${Math.round(milliseconds)} ms; telemetry was taken in meanwhile`),
      },
      signal,
    );
    if (outcome.status === 'failed') return outcome;
    const { database, clickhouseVersion: version, sizeBytes, isExact } = outcome;
    let readBytes = 0;
    const manifest = await draft.finish(
      {
        name,
        beganAt: new Date(beganMs).toISOString(),
        endedAt: new Date(now()).toISOString(),
        tocsinVersion: VERSION,
        clickhouse: {
          version,
          database,
          sizeBytes,
          place: draft.place.kind,
          ...(draft.place.kind === 'disk' ? { disk: draft.place.disk } : {}),
        },
        isExact,
        base: base ? { name: base.manifest.name, sha256: base.manifestSha256 } : null,
        secretFiles,
      },
      (bytes) => progress.bytes('checksums', (readBytes += bytes), undefined),
    );
    isWhole = true;
    return { status: 'ok', manifest };
  } finally {
    if (!isWhole) await draft.discard();
    await store.close();
  }
}

/** Names sort by time: `20261126T101500123Z-full`. */
function nameOf(nowMs: number, isIncremental: boolean): string {
  const time = new Date(nowMs).toISOString().replaceAll(/[-:.]/g, '');
  return `${time}-${isIncremental ? 'incremental' : 'full'}`;
}
