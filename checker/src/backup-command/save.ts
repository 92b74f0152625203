import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const BUSY_TIMEOUT_MS = 30_000;

/**
 * Writes what of the checker must survive: states, what jobs said, and results that wait for the collector. The list of RDAP servers is fetched anew.
 *
 * Results that the collector takes after this moment are in its part of the backup too, which is made later: they are sent again after a restore under the
 * same key, by which it knows them (docs/decisions/0013).
 * @param directory the checker's own data directory
 * @param target the folder to write to; made where it is missing
 */
export async function saveChecker(directory: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true, mode: 0o700 });
  await copyPresent(join(directory, 'states.json'), join(target, 'states.json'));
  saveHeartbeats(join(directory, 'heartbeats.sqlite'), join(target, 'heartbeats.sqlite'));
  await copyQueue(join(directory, 'results'), join(target, 'results'));
}

function saveHeartbeats(from: string, to: string): void {
  if (!existsSync(from)) return;
  const database = new DatabaseSync(from, { timeout: BUSY_TIMEOUT_MS });
  try {
    database.prepare('VACUUM INTO ?').run(to);
  } finally {
    database.close();
  }
}

/** The cursor before the segments: with an older one more is sent again, with a newer one something would not be sent. */
async function copyQueue(from: string, to: string): Promise<void> {
  if (!existsSync(from)) return;
  await mkdir(to, { recursive: true, mode: 0o700 });
  const entries = await readdir(from, { withFileTypes: true });
  for (const { name } of entries.filter((entry) => entry.isDirectory()))
    await copyQueue(join(from, name), join(to, name));
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  const isSegment = (name: string): boolean => name.endsWith('.seg');
  for (const name of [...files.filter((file) => !isSegment(file)), ...files.filter(isSegment)])
    await copyPresent(join(from, name), join(to, name));
}

/** A file that has gone meanwhile was not needed any more. */
async function copyPresent(from: string, to: string): Promise<void> {
  await copyFile(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}
