import { stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { ifMissing, readFolder } from '../journal/durable-file.ts';
import { parseSegmentName } from '../journal/segment-name.ts';
import { REPLAY_FOLDER } from '../journal/replay-inbox.ts';
import { walkSegmentFile } from '../journal/segment-walk.ts';
import { OPEN_ENDING, PROGRESS_ENDING, SEALED_ENDING } from '../journal/segment-writer.ts';
import { BODY_ENDING, type DeadLetter, readReason } from '../load/dead-letter.ts';
import type { Signal } from '../signal.ts';

/** `open`: is being written. `partly_loaded`: did not go in at once. `replay`: on its way back into the journal. */
export type SegmentState = 'open' | 'waiting' | 'partly_loaded' | 'replay';

/** A segment as it lies on the disk. */
export interface FoundSegment {
  readonly id: string;
  readonly state: SegmentState;
  readonly signal: Signal;
  readonly requests: number;
  readonly records: number;
  readonly bytes: number;
  readonly createdAtMs: number;
  readonly path: string;
}

/** A dead letter as it lies on the disk. */
export interface FoundLetter {
  readonly id: string;
  readonly bytes: number;
  /** `undefined` where the file with the reason is missing or cannot be read. */
  readonly letter: DeadLetter | undefined;
  readonly path: string;
}

/** Everything that is not in ClickHouse yet. */
export interface Inventory {
  readonly segments: readonly FoundSegment[];
  readonly letters: readonly FoundLetter[];
}

/** Where the dead letters are, below the collector's data directory. */
export const DEAD_LETTER_FOLDER = 'dead-letter';

/**
 * Looks at the folders as they are, without a lock: beside a collector that runs, what it is done with meanwhile is left out.
 * @param directory the collector's own data directory
 */
export async function takeInventory(directory: string): Promise<Inventory> {
  const journal = await findSegments(join(directory, 'journal'), false);
  const replays = await findSegments(join(directory, REPLAY_FOLDER), true);
  return { segments: [...replays, ...journal], letters: await findLetters(join(directory, DEAD_LETTER_FOLDER)) };
}

async function findSegments(folder: string, isInbox: boolean): Promise<readonly FoundSegment[]> {
  const files = (await readFolder(folder)).toSorted();
  const known = new Set(files);
  const found: FoundSegment[] = [];
  for (const file of files) {
    const ending = extname(file);
    const name = parseSegmentName(file.slice(0, file.length - ending.length));
    if (!name || (ending !== OPEN_ENDING && ending !== SEALED_ENDING)) continue;
    let state: SegmentState = isInbox ? 'replay' : 'waiting';
    if (ending === OPEN_ENDING) state = 'open';
    else if (known.has(name.name + PROGRESS_ENDING)) state = 'partly_loaded';
    const path = join(folder, file);
    const size = await stat(path).then(({ size: bytes }) => bytes, ifMissing);
    const walk = size === undefined ? undefined : await walkSegmentFile({ path, sizeBytes: size }).catch(ifMissing);
    if (size === undefined || !walk) continue;
    const { signal, createdAtMs } = name;
    const records = walk.requests.reduce((sum, { items }) => sum + items, 0);
    found.push({
      id: name.name,
      state,
      signal,
      requests: walk.requests.length,
      records,
      bytes: size,
      createdAtMs,
      path,
    });
  }
  return found;
}

async function findLetters(folder: string): Promise<readonly FoundLetter[]> {
  const letters: FoundLetter[] = [];
  for (const file of (await readFolder(folder)).toSorted()) {
    if (!file.endsWith(BODY_ENDING)) continue;
    const id = file.slice(0, -BODY_ENDING.length);
    const path = join(folder, file);
    const bytes = await stat(path).then(({ size }) => size, ifMissing);
    if (bytes !== undefined) letters.push({ id, bytes, letter: await readReason(folder, id), path });
  }
  return letters;
}
