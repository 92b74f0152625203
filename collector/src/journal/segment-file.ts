import { type FileHandle, open } from 'node:fs/promises';
import { syncDirectory } from './durable-file.ts';

/** A file that a segment is written to: the journal's door to the disk. */
export interface SegmentFile {
  /** Appends and resolves once the bytes are on disk (fdatasync). */
  append(buffers: readonly Uint8Array[]): Promise<void>;
  /** Cuts the file to its first `sizeBytes`. */
  truncate(sizeBytes: number): Promise<void>;
  close(): Promise<void>;
}

/** Creates the file (it must not exist) and makes its directory entry durable. */
export type OpenSegmentFile = (path: string, directory: string) => Promise<SegmentFile>;

/** The real disk. */
export const openSegmentFile: OpenSegmentFile = async (path, directory) => {
  const file = await open(path, 'ax');
  try {
    await syncDirectory(directory);
  } catch (error) {
    await file.close();
    throw error;
  }
  return {
    append: (buffers) => appendDurably(file, buffers),
    async truncate(sizeBytes) {
      await file.truncate(sizeBytes);
      await file.datasync();
    },
    close: () => file.close(),
  };
};

async function appendDurably(file: FileHandle, buffers: readonly Uint8Array[]): Promise<void> {
  let rest = buffers;
  while (rest.length > 0) {
    const { bytesWritten } = await file.writev(rest);
    rest = dropBytes(rest, bytesWritten);
  }
  await file.datasync();
}

/** What is left of the buffers after a short write. */
export function dropBytes(buffers: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let skip = bytes;
  for (const [index, buffer] of buffers.entries()) {
    if (skip < buffer.byteLength) return [buffer.subarray(skip), ...buffers.slice(index + 1)];
    skip -= buffer.byteLength;
  }
  return [];
}
