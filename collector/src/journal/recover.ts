import { open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Logger } from '@tocsin/service/log';
import type { SealedSegment, SegmentRequest } from './segment.ts';
import { syncDirectory } from './durable-file.ts';
import type { ProducerBook } from './producer-book.ts';
import { parseSegmentName, type SegmentName } from './segment-name.ts';
import { walkSegmentFile } from './segment-walk.ts';
import { OPEN_ENDING, PROGRESS_ENDING, SEALED_ENDING } from './segment-writer.ts';

/** What a journal's directory held. */
export interface Recovery {
  /** Oldest first. */
  readonly segments: readonly SealedSegment[];
  /** Bytes cut from torn tails: parts of requests that were never acknowledged. */
  readonly tornBytes: number;
}

type Book = Pick<ProducerBook, 'isSound' | 'note' | 'flush'>;

/**
 * Makes every segment an earlier process left ready for loading. A segment that was still open is walked and its torn
 * tail cut; one that was sealed had been synced whole and is checked when it is loaded. The keys of the requests in those that were
 * open, and of all where the producers' own file is not sound, are noted.
 */
export async function recoverSegments(directory: string, producers: Book, log: Logger): Promise<Recovery> {
  const segments: SealedSegment[] = [];
  let tornBytes = 0;
  const files = (await readdir(directory)).toSorted();
  for (const file of files) {
    const ending = extname(file);
    const name = parseSegmentName(file.slice(0, file.length - ending.length));
    if (!name || (ending !== OPEN_ENDING && ending !== SEALED_ENDING)) continue;
    const found =
      ending === OPEN_ENDING
        ? await recoverOpen(directory, name, producers, log)
        : await recoverSealed(directory, name, producers);
    tornBytes += found.tornBytes;
    if (found.segment) segments.push(found.segment);
  }
  await removeOrphans(directory, files, new Set(segments.map(({ name }) => name)));
  await syncDirectory(directory);
  await producers.flush();
  return { segments, tornBytes };
}

/** Notes about segments that are loaded: the process was killed between removing the one and the other. */
async function removeOrphans(directory: string, files: readonly string[], present: ReadonlySet<string>): Promise<void> {
  for (const file of files) {
    if (extname(file) !== PROGRESS_ENDING || present.has(file.slice(0, -PROGRESS_ENDING.length))) continue;
    await unlink(join(directory, file));
  }
}

interface Found {
  readonly segment: SealedSegment | undefined;
  readonly tornBytes: number;
}

async function recoverOpen(directory: string, name: SegmentName, producers: Book, log: Logger): Promise<Found> {
  const openPath = join(directory, name.name + OPEN_ENDING);
  const { size: sizeBytes } = await stat(openPath);
  const { soundBytes, requests } = await walkSegmentFile({ path: openPath, sizeBytes });
  const tornBytes = sizeBytes - soundBytes;
  if (tornBytes > 0) {
    log.warn(
      { segment: name.name, torn_bytes: tornBytes, kept_bytes: soundBytes, kept_requests: requests.length },
      'journal: cut the torn tail of a segment; it was never acknowledged',
    );
  }
  if (soundBytes === 0) {
    await unlink(openPath);
    return { segment: undefined, tornBytes };
  }
  // What was written and not synced was not acknowledged; from now on a request that comes again is.
  if (tornBytes > 0 || requests.some(({ key }) => key)) await cut(openPath, soundBytes);
  const hasKeys = noteKeys(producers, name, requests);
  // With its new name its keys must stand elsewhere.
  if (hasKeys && !(await producers.flush()))
    return { segment: { ...name, path: openPath, sizeBytes: soundBytes }, tornBytes };
  const path = join(directory, name.name + SEALED_ENDING);
  await rename(openPath, path);
  return { segment: { ...name, path, sizeBytes: soundBytes }, tornBytes };
}

/** @returns whether there are any */
function noteKeys(producers: Book, { signal }: SegmentName, requests: readonly SegmentRequest[]): boolean {
  let hasKeys = false;
  for (const { key } of requests) {
    if (!key) continue;
    producers.note(signal, key);
    hasKeys = true;
  }
  return hasKeys;
}

async function recoverSealed(directory: string, name: SegmentName, producers: Book): Promise<Found> {
  const path = join(directory, name.name + SEALED_ENDING);
  const { size } = await stat(path);
  if (size > 0 && !producers.isSound) {
    const { requests } = await walkSegmentFile({ path, sizeBytes: size });
    noteKeys(producers, name, requests);
  }
  if (size > 0) return { segment: { ...name, path, sizeBytes: size }, tornBytes: 0 };
  await unlink(path);
  return { segment: undefined, tornBytes: 0 };
}

/** Cuts a file and brings what is left onto the disk. */
async function cut(path: string, sizeBytes: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.truncate(sizeBytes);
    await file.sync();
  } finally {
    await file.close();
  }
}
