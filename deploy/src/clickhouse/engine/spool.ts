import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { ClickHouseException } from '../exception.ts';

/** The folder where data waits on its way into the engine, and the pipes through which results come out. */
export interface Spool {
  /**
   * Writes the data of one INSERT to a file and runs `use` with its path; the file is gone afterwards. Data is complete before the engine
   * sees any of it, so a client that goes away in the middle inserts nothing.
   * @throws ClickHouseException NOT_ENOUGH_SPACE when all spooled data together would pass the limit
   */
  withFile<T>(first: Buffer, rest: Readable | undefined, use: (path: string) => Promise<T>): Promise<T>;
  /** Runs `use` with the path of a named pipe that nobody else uses. As many as `pipes` may be in use at once. */
  withPipe<T>(use: (path: string) => Promise<T>): Promise<T>;
  /** `bytes`: all data spooled at this moment. */
  readonly stats: { readonly bytes: number };
}

export interface SpoolOptions {
  readonly folder: string;
  readonly pipes: number;
  /** The most bytes of all spooled data together. */
  readonly maxBytes: number;
}

/** The engine reads these as wildcards in a path. */
const WILDCARD = /[*?{}\0]/;

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
      throw ClickHouseException.of('NOT_ENOUGH_SPACE', `More than ${maxBytes} bytes of inserts would be under way.`);
    }
    stats.bytes += bytes;
  };

  return {
    stats,
    async withFile(first, rest, use) {
      files += 1;
      const path = join(folder, `insert-${files}`);
      let size = 0;
      const count = (bytes: number): void => {
        reserve(bytes);
        size += bytes;
      };
      try {
        count(first.length);
        if (rest)
          await pipeline(
            startWith(first, rest, count),
            createWriteStream(path, { highWaterMark: 2 ** 20, mode: 0o600 }),
          );
        else await writeFile(path, first, { mode: 0o600 });
        return await use(path);
      } finally {
        stats.bytes -= size;
        await rm(path, { force: true });
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

/** The stream with `first` before it; `count` sees the size of every later chunk and may refuse it by throwing. */
function startWith(first: Buffer, rest: Readable, count: (bytes: number) => void): Readable {
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      try {
        count(chunk.length);
        done(null, chunk);
      } catch (error) {
        done(error as Error);
      }
    },
  });
  if (first.length > 0) counted.push(first);
  rest.on('error', (error) => counted.destroy(error));
  rest.on('close', () => {
    if (!rest.readableEnded) counted.destroy(new Error('the client went away before the end of its data'));
  });
  return rest.pipe(counted);
}
