import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { ClickHouseException } from '../exception.ts';

/** A name and no path: what it names lies in the folder itself. */
const FILE_NAME = /^[\w-][\w.-]*$/;

/**
 * Finds the file that the collector has named in place of sending its bytes.
 * @returns its path
 * @throws ClickHouseException BAD_ARGUMENTS for what is no name of a file, FILE_DOESNT_EXIST where there is no such regular file
 */
export async function findSegment(folder: string, name: string): Promise<string> {
  if (!FILE_NAME.test(name))
    throw ClickHouseException.of('BAD_ARGUMENTS', 'X-Tocsin-Segment is not the name of a file.');
  const path = join(folder, name);
  const found = await lstat(path).catch(() => undefined);
  if (found?.isFile()) return path;
  throw ClickHouseException.of('FILE_DOESNT_EXIST', `There is no segment ${name} where this server looks for it.`);
}
