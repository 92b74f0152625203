import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@tocsin/service/log';
import { type Round, startRounds } from '../load/rounds.ts';
import { BACKUP_FOLDER, type HoldRequest, readHoldRequest, removeHoldRequest, writeHoldState } from './hold-files.ts';
import { clearBackupFolder, laySnapshot, type SnapshotSource } from './snapshot.ts';

/** What can be held. */
export interface HoldableLoader {
  /** From now on only segments that have been tried are loaded. @returns how many of those there are; at 0 ClickHouse has whole segments only */
  hold(): number;
  release(): void;
}

/** Holds the loading while a backup asks for it. */
export interface BackupHolder {
  stop(): Promise<void>;
}

export interface BackupHolderOptions {
  /** The collector's own data directory. */
  readonly directory: string;
  readonly loader: HoldableLoader;
  readonly journal: SnapshotSource;
  readonly log: Logger;
  readonly now: () => number;
}

const LOOK_EVERY_MS = 250;
/** It becomes a part of a path. */
const ID = /^[\w-]+$/;

/*
 * free --request--> settling --every tried segment is in--> held --request gone or its time over--> free
 *                      \--request gone or its time over--> free
 */
class FileHolder implements BackupHolder {
  readonly #options: BackupHolderOptions;
  readonly #rounds: { stop(): Promise<void> };
  #held: string | undefined;
  #isHolding = false;

  constructor(options: BackupHolderOptions) {
    this.#options = options;
    const round: Round = { name: 'backup', everyMs: LOOK_EVERY_MS, run: () => this.#look() };
    this.#rounds = startRounds([round], options.log);
  }

  async stop(): Promise<void> {
    await this.#rounds.stop();
    await this.#release('the collector stops');
  }

  async #look(): Promise<void> {
    const { directory, now, log } = this.#options;
    const request = await readHoldRequest(directory);
    if (request && !ID.test(request.id)) return removeHoldRequest(directory);
    if (!request || request.untilMs <= now()) {
      const why = request ? 'the backup has not been heard of any more' : 'its moment is over';
      if (request) await removeHoldRequest(directory);
      return this.#release(why);
    }
    if (this.#held !== undefined && this.#held !== request.id) await this.#release('another backup began');
    if (this.#held !== undefined) return undefined;
    if (!this.#isHolding) log.info({ backup: request.id }, 'load: held for a backup');
    return this.#hold(request);
  }

  async #hold({ id }: HoldRequest): Promise<void> {
    const { directory, loader, journal } = this.#options;
    this.#isHolding = true;
    const unsettled = loader.hold();
    if (unsettled === 0) {
      await laySnapshot(directory, id, journal);
      this.#held = id;
    }
    await writeHoldState(directory, { id, phase: unsettled === 0 ? 'held' : 'settling', unsettled });
  }

  /** The state goes first: a backup that still finds it knows that nothing has been loaded. */
  async #release(why: string): Promise<void> {
    if (!this.#isHolding) return;
    const { directory, loader, log } = this.#options;
    await writeHoldState(directory, undefined);
    this.#isHolding = false;
    this.#held = undefined;
    loader.release();
    log.info({ why }, 'load: goes on');
  }
}

/** Begins to look for what backups ask, after removing what one that was cut off has left. */
export async function createBackupHolder(options: BackupHolderOptions): Promise<BackupHolder> {
  await mkdir(join(options.directory, BACKUP_FOLDER), { recursive: true, mode: 0o700 });
  await clearBackupFolder(options.directory);
  return new FileHolder(options);
}
