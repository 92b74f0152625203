import { statfs } from 'node:fs/promises';

/** Tells whether the disk has room, from a look at most once a second. */
export interface DiskSpace {
  /** Whether the last look, or the last write, found the disk too full to take more. */
  isLow(now: number): boolean;
  /** A write has just been refused for want of space: believe that until the next look. */
  noteFull(now: number): void;
  /** What the last look found, in bytes; `undefined` where the question failed. */
  readonly freeBytes: number | undefined;
  readonly minFreeBytes: number;
  /** Ends a running look. */
  settle(): Promise<void>;
}

/** How often the free space is asked for, in milliseconds. */
const LOOK_EVERY_MS = 1_000;

/** Bytes free to this process on the file system of a directory. */
export type FreeBytes = (directory: string) => Promise<number>;

export const readFreeBytes: FreeBytes = async (directory) => {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
};

/** Watches the free space of a directory's file system against a low-water mark. The first answer is known on return. */
export async function watchDiskSpace(
  directory: string,
  minFreeBytes: number,
  freeBytes: FreeBytes = readFreeBytes,
): Promise<DiskSpace> {
  let free: number | undefined = await freeBytes(directory);
  let isLow = free < minFreeBytes;
  let lookAfterMs = 0;
  let look: Promise<void> | undefined;

  const lookAgain = async (): Promise<void> => {
    // Where the question itself fails the writes will tell.
    free = await freeBytes(directory).catch(() => undefined);
    isLow = free !== undefined && free < minFreeBytes;
    look = undefined;
  };
  return {
    minFreeBytes,
    get freeBytes() {
      return free;
    },
    isLow(now) {
      if (now >= lookAfterMs && !look) {
        lookAfterMs = now + LOOK_EVERY_MS;
        look = lookAgain();
      }
      return isLow;
    },
    noteFull(now) {
      isLow = true;
      lookAfterMs = now + LOOK_EVERY_MS;
    },
    async settle() {
      await look;
    },
  };
}
