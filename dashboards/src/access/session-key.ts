import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const KEY_BYTES = 32;

/**
 * Reads the key of the sessions from `DATA/dashboards/session.key`, or makes it there, readable by its owner only: so who is signed in stays
 * so when the console starts again.
 * @throws Error where the file cannot be read or made, or is not a key
 */
export async function readSessionKey(dataDir: string): Promise<Buffer> {
  const folder = join(dataDir, 'dashboards');
  const path = join(folder, 'session.key');
  await mkdir(folder, { recursive: true });
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(randomBytes(KEY_BYTES));
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  const key = await readFile(path);
  if (key.length === KEY_BYTES) return key;
  throw new Error(`${path} is not a key of ${KEY_BYTES} bytes: delete it, and everybody signs in anew`);
}
