import { type FileHandle, mkdir, open, readdir, readFile, truncate, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { countFrames, readSegmentHead } from './disk-segment.ts';

/** A segment as it stands on disk. */
export interface Segment {
  readonly number: number;
  readonly path: string;
  readonly envelope: Buffer;
  /** Whose batches these are; `undefined` in a file of an earlier version, whose batches have no number. */
  readonly producer: string | undefined;
  /** Where its frames begin. */
  readonly startBytes: number;
  sizeBytes: number;
  /** How many frames of it have not been taken by the collector. */
  waiting: number;
}

/** Up to where the collector has taken everything. */
export interface Cursor {
  readonly segment: number;
  readonly atBytes: number;
}

/** What a folder of segments was found to be after a process has ended in whatever way. */
export interface Recovered {
  readonly segments: Segment[];
  readonly cursor: Cursor;
  /** Segments of which a part is lost: cut off while it was written, or damaged. */
  readonly torn: number;
}

const CURSOR_BYTES = 16;

/** Reads what is there: cuts off what was not written whole, removes what has been taken. */
export async function recoverFolder(folder: string): Promise<Recovered> {
  await mkdir(folder, { recursive: true });
  const names = (await readdir(folder)).filter((name) => /^\d{12}\.seg$/.test(name)).toSorted();
  const kept = await readCursor(folder);
  const segments: Segment[] = [];
  let torn = 0;
  for (const name of names) {
    const path = join(folder, name);
    const number = Number(name.slice(0, 12));
    const bytes = await readFile(path);
    const head = readSegmentHead(bytes);
    if (!head || number < kept.segment) {
      if (!head && bytes.length > 0) torn += 1;
      await unlink(path);
      continue;
    }
    const startBytes = number === kept.segment ? Math.max(head.endBytes, kept.atBytes) : head.endBytes;
    const frames = countFrames(bytes.subarray(startBytes));
    const sizeBytes = startBytes + frames.endBytes;
    if (sizeBytes < bytes.length) {
      torn += 1;
      await truncate(path, sizeBytes);
    }
    const { envelope, producer, endBytes } = head;
    if (frames.count === 0) await unlink(path);
    else segments.push({ number, path, envelope, producer, startBytes: endBytes, sizeBytes, waiting: frames.count });
  }
  const [first] = segments;
  const cursor =
    first?.number === kept.segment && kept.atBytes > first.startBytes
      ? kept
      : { segment: first?.number ?? kept.segment, atBytes: first?.startBytes ?? 0 };
  return { segments, cursor, torn };
}

async function readCursor(folder: string): Promise<Cursor> {
  try {
    const bytes = await readFile(join(folder, 'cursor'));
    if (bytes.length === CURSOR_BYTES && crc32(bytes.subarray(0, 12)) === bytes.readUInt32LE(12))
      return { segment: bytes.readUIntLE(0, 6), atBytes: bytes.readUIntLE(6, 6) };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  return { segment: 0, atBytes: 0 };
}

/** The file that says up to where everything has been taken: 6 bytes segment, 6 bytes place, checksum. */
export class CursorFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  static async open(folder: string): Promise<CursorFile> {
    // Neither truncated nor appended to: a cursor is overwritten in its place.
    const path = join(folder, 'cursor');
    return new CursorFile(await open(path, 'r+').catch(() => open(path, 'w+')));
  }

  async write({ segment, atBytes }: Cursor): Promise<void> {
    const bytes = Buffer.alloc(CURSOR_BYTES);
    bytes.writeUIntLE(segment, 0, 6);
    bytes.writeUIntLE(atBytes, 6, 6);
    bytes.writeUInt32LE(crc32(bytes.subarray(0, 12)), 12);
    await this.#handle.write(bytes, 0, CURSOR_BYTES, 0);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
