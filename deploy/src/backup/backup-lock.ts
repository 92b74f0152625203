import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProcessIdentity, ProcessTable } from '../standalone/process-identity.ts';

/** The data folder is this backup's until `release`: two at once would share the engine's way to their targets. */
export type BackupLock =
  { readonly status: 'ok'; release(): Promise<void> } | { readonly status: 'failed'; readonly holder: number };

/** Takes the lock; one whose process is gone is taken over. */
export async function lockBackups(dataDir: string, pid: number, processes: ProcessTable): Promise<BackupLock> {
  const file = join(dataDir, 'backup.lock');
  const own = processes.identify(pid) ?? { pid, started: '' };
  for (;;) {
    try {
      await writeFile(file, JSON.stringify(own), { flag: 'wx', mode: 0o600 });
      return { status: 'ok', release: () => rm(file, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const held = parse(await readFile(file, 'utf8').catch(() => ''));
    if (held && processes.isAlive(held)) return { status: 'failed', holder: held.pid };
    await rm(file, { force: true });
  }
}

/** @returns `undefined` for one that is gone again or was cut off while it was written */
function parse(text: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(text) as ProcessIdentity;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
