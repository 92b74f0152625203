import { execFile } from 'node:child_process';
import { open, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { ClickHouseException } from '../exception.ts';

/** The folder where data waits on its way into the engine, and the pipes through which results come out. */
export interface Spool {
  /**
   * Writes data to a file, `first` and then what `rest` brings; the caller removes it. Data is complete before the engine sees any of it, so a
   * client that goes away in the middle inserts nothing.
   * @throws ClickHouseException NOT_ENOUGH_SPACE when all spooled data together would pass the limit
   */
  keep(first: Buffer, rest: Readable | undefined): Promise<SpooledFile>;
  /** As `keep`, and the file is gone when `use` has ended. */
  withFile<T>(first: Buffer, rest: Readable | undefined, use: (path: string, size: number) => Promise<T>): Promise<T>;
  /** Runs `use` with the path of a named pipe that nobody else uses. As many as `pipes` may be in use at once. */
  withPipe<T>(use: (path: string) => Promise<T>): Promise<T>;
  /** `bytes`: all data spooled at this moment. */
  readonly stats: { readonly bytes: number };
}

export interface SpooledFile {
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  remove(): Promise<void>;
}

export interface SpoolOptions {
  readonly folder: string;
  readonly pipes: number;
  /** The most bytes of all spooled data together. */
  readonly maxBytes: number;
}

/** The engine reads these as wildcards in a path. */
const WILDCARD = /[*?{}\0]/;
/** So much is gathered before it is written: one call for many small pieces of a body. */
const WRITE_BYTES = 2 ** 20;

/** Makes the folder anew; what a killed process left there is removed (it was never acknowledged). */
export async function openSpool({ folder, pipes, maxBytes }: SpoolOptions): Promise<Spool> {
  if (WILDCARD.test(folder)) throw new Error(`The data folder's path must not contain any of * ? { }: ${folder}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const free = Array.from({ length: pipes }, (_, index) => join(folder, `pipe-${index}`));
  await promisify(execFile)('mkfifo', ['-m', '600', ...free]);
  const stats = { bytes: 0 };
  let files = 0;

  const reserve = (bytes: number): void => {
    if (stats.bytes + bytes > maxBytes) {
      throw ClickHouseException.of('NOT_ENOUGH_SPACE', `More than ${maxBytes} bytes of data would be under way.`);
    }
    stats.bytes += bytes;
  };

  const keep = async (first: Buffer, rest: Readable | undefined): Promise<SpooledFile> => {
    files += 1;
    const path = join(folder, `data-${files}`);
    let size = 0;
    const count = (bytes: number): void => {
      reserve(bytes);
      size += bytes;
    };
    const remove = async (): Promise<void> => {
      stats.bytes -= size;
      size = 0;
      await rm(path, { force: true });
    };
    try {
      await write(path, first, rest, count);
      return { path, size, remove };
    } catch (error) {
      await remove();
      throw error;
    }
  };

  return {
    stats,
    keep,
    async withFile(first, rest, use) {
      const file = await keep(first, rest);
      try {
        return await use(file.path, file.size);
      } finally {
        await file.remove();
      }
    },
    async withPipe(use) {
      const path = free.pop();
      if (path === undefined) throw new Error('more pipes are wanted than the read lane has places');
      try {
        return await use(path);
      } finally {
        free.push(path);
      }
    },
  };
}

/** Writes a stream while its next part comes in. `count` sees the size of every part and may refuse it by throwing. */
async function write(
  path: string,
  first: Buffer,
  rest: Readable | undefined,
  count: (bytes: number) => void,
): Promise<void> {
  const file = await open(path, 'w', 0o600);
  let writing: Promise<unknown> = Promise.resolve();
  let parts: Buffer[] = [];
  let gathered = 0;
  const add = (part: Buffer): void => {
    count(part.length);
    parts.push(part);
    gathered += part.length;
  };
  const flush = async (): Promise<void> => {
    await writing;
    if (gathered > 0) writing = file.writev(parts);
    // What fails is thrown by the next `await writing`.
    writing.catch(() => undefined);
    parts = [];
    gathered = 0;
  };
  try {
    add(first);
    // A body that is refused stays whole: destroying it would take the connection, and with it the answer.
    for await (const part of rest?.iterator({ destroyOnReturn: false }) ?? []) {
      add(part as Buffer);
      if (gathered >= WRITE_BYTES) await flush();
    }
    await flush();
    await writing;
  } finally {
    await writing.catch(() => undefined);
    await file.close();
  }
}
