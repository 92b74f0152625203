import { mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readFolder, syncDirectory } from './durable-file.ts';
import { parseSegmentName } from './segment-name.ts';
import type { SealedSegment } from './segment.ts';
import { SEALED_ENDING } from './segment-writer.ts';

/** Below the collector's data directory: whole segments that `npx tocsin journal replay` made, for the collector to take. */
export const REPLAY_FOLDER = 'replay';

/**
 * Moves the segments that lie in the inbox into the journal. A move is a rename, so each is in one of the two places at any moment.
 * @param directory the collector's own data directory
 */
export async function takeReplays(directory: string): Promise<readonly SealedSegment[]> {
  const inbox = join(directory, REPLAY_FOLDER);
  const files = await readFolder(inbox);
  const taken: SealedSegment[] = [];
  for (const file of files.toSorted()) {
    const name = file.endsWith(SEALED_ENDING) ? parseSegmentName(file.slice(0, -SEALED_ENDING.length)) : undefined;
    if (!name) continue;
    const path = join(directory, 'journal', file);
    const { size: sizeBytes } = await stat(join(inbox, file));
    await rename(join(inbox, file), path);
    taken.push({ ...name, path, sizeBytes });
  }
  if (taken.length > 0) {
    // In this order: a power cut leaves the name in both places rather than in none.
    await syncDirectory(join(directory, 'journal'));
    await syncDirectory(inbox);
  }
  return taken;
}

/** Makes the inbox and gives its path. */
export async function makeInbox(directory: string): Promise<string> {
  const inbox = join(directory, REPLAY_FOLDER);
  await mkdir(inbox, { recursive: true });
  await syncDirectory(directory);
  return inbox;
}
