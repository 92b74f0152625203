import { copyFile, link, mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ifMissing, readFolder } from '../journal/durable-file.ts';
import { REPLAY_FOLDER } from '../journal/replay-inbox.ts';
import type { SealedSegment } from '../journal/segment.ts';
import { OPEN_ENDING, PROGRESS_ENDING } from '../journal/segment-writer.ts';
import { BACKUP_FOLDER, snapshotFolder } from './hold-files.ts';

/** What of the journal a snapshot is made of. */
export interface SnapshotSource {
  sealAll(): Promise<void>;
  sealed(): readonly SealedSegment[];
}

/**
 * Lays out beside the journal what of the collector must survive, as links to files that change no more, so it takes no room: what waits to be
 * loaded, dead letters and those sent back, who has sent what, today's volumes of the keys. Nothing may be loaded meanwhile.
 *
 * In this order nothing that was acknowledged before is missed: the producers' book is taken before the segments are sealed, and segments get the name of
 * open ones, so recovery reads the keys in them again. A dead letter on its way back is in both places rather than in none.
 * @param directory the collector's own data directory
 * @param id the backup's
 */
export async function laySnapshot(directory: string, id: string, journal: SnapshotSource): Promise<void> {
  const folder = snapshotFolder(directory, id);
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, 'journal'), { recursive: true, mode: 0o700 });
  for (const file of ['producers.json', 'key-volumes.json'])
    await linkOrCopy(join(directory, file), join(folder, file));
  for (const kept of ['dead-letter', REPLAY_FOLDER]) await linkFolder(join(directory, kept), join(folder, kept));
  await journal.sealAll();
  for (const { name, path } of journal.sealed()) {
    await linkOrCopy(path, join(folder, 'journal', name + OPEN_ENDING));
    const notes = name + PROGRESS_ENDING;
    await linkOrCopy(join(dirname(path), notes), join(folder, 'journal', notes));
  }
}

async function linkFolder(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const file of await readFolder(from)) await linkOrCopy(join(from, file), join(to, file));
}

/** A file that has gone meanwhile is not needed. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') return;
    // File systems without links.
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EMLINK') throw error;
    await copyFile(from, to).catch(ifMissing);
  }
}

/** Removes what a backup that was cut off has left. */
export async function clearBackupFolder(directory: string): Promise<void> {
  const folder = join(directory, BACKUP_FOLDER);
  for (const file of (await readdir(folder).catch(ifMissing)) ?? [])
    await rm(join(folder, file), { recursive: true, force: true });
}
