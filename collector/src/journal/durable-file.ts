import { open, readdir } from 'node:fs/promises';

/** Writes a whole file and resolves once its bytes are on disk (fsync). Its name is durable only after `syncDirectory`. */
export async function writeDurably(path: string, bytes: Uint8Array, flag: 'w' | 'wx' = 'w'): Promise<void> {
  const file = await open(path, flag);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the names in a directory durable: created and renamed files survive a power cut only after this. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** For `catch`: a file or folder that is not there is no error; any other error is thrown again. */
export function ifMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  return undefined;
}

/** The names in a folder; none where the folder is not there. */
export async function readFolder(folder: string): Promise<readonly string[]> {
  return (await readdir(folder).catch(ifMissing)) ?? [];
}
