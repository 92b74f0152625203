import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessIdentity, ProcessTable } from './process-identity.ts';

/** What stands in `DATA/tocsin.lock`: the launcher and the services it has started. */
interface LockFile {
  readonly launcher: ProcessIdentity;
  readonly services: readonly ProcessIdentity[];
}

/** The data folder is this launcher's until `release`. */
export interface DataLock {
  /** Notes who runs on the data now, so that a later launcher can wait for them if this one is killed. */
  setServices(pids: readonly number[]): Promise<void>;
  release(): Promise<void>;
}

export type DataLockResult =
  | { readonly status: 'ok'; readonly lock: DataLock }
  /** `holder` is the process that has it. */
  | { readonly status: 'failed'; readonly reason: 'launcher-runs' | 'services-run'; readonly holder: number }
  /** It cannot be made or written; `code` is the system's. */
  | { readonly status: 'failed'; readonly reason: 'unusable'; readonly code: string };

/** What the lock needs. */
export interface DataLockOptions {
  readonly dataDir: string;
  /** The launcher's own process id. */
  readonly pid: number;
  readonly processes: ProcessTable;
  /** How long to wait for the services of a launcher that was killed: they stop by themselves. */
  readonly waitMs: number;
  /** Called once when the waiting begins. */
  readonly onWait: (pids: readonly number[]) => void;
}

/** Takes the data folder, made if it is not there. A lock whose launcher is gone is taken over. */
export async function lockData(options: DataLockOptions): Promise<DataLockResult> {
  const { dataDir, pid, processes } = options;
  const file = join(dataDir, 'tocsin.lock');
  const own = processes.identify(pid) ?? { pid, started: '' };
  for (;;) {
    const created = await tryCreate(dataDir, file, { launcher: own, services: [] });
    if (created === 'created') break;
    if (created !== 'exists') return { status: 'failed', reason: 'unusable', code: created.code };
    const held = await readLock(file);
    if (held && processes.isAlive(held.launcher))
      return { status: 'failed', reason: 'launcher-runs', holder: held.launcher.pid };
    const holder = await waitForServices(held?.services ?? [], options);
    if (holder !== undefined) return { status: 'failed', reason: 'services-run', holder };
    await rm(file, { force: true });
  }
  return {
    status: 'ok',
    lock: {
      async setServices(pids) {
        const services = pids.map((id) => processes.identify(id)).filter((entry) => entry !== undefined);
        await writeFile(`${file}.new`, JSON.stringify({ launcher: own, services } satisfies LockFile));
        await rename(`${file}.new`, file);
      },
      release: () => rm(file, { force: true }),
    },
  };
}

async function tryCreate(
  dataDir: string,
  file: string,
  content: LockFile,
): Promise<'created' | 'exists' | { readonly code: string }> {
  try {
    await mkdir(dataDir, { recursive: true });
    await writeFile(file, JSON.stringify(content), { flag: 'wx' });
    return 'created';
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && 'path' in error)) throw error;
    return error.code === 'EEXIST' && error.path === file ? 'exists' : { code: String(error.code) };
  }
}

/** @returns `undefined` for a lock that is gone again or was cut off while it was written */
async function readLock(file: string): Promise<LockFile | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as LockFile;
  } catch (error) {
    if (error instanceof SyntaxError || (error instanceof Error && 'code' in error && error.code === 'ENOENT'))
      return undefined;
    throw error;
  }
}

/** @returns the id of a service that outlived the waiting */
async function waitForServices(
  services: readonly ProcessIdentity[],
  { processes, waitMs, onWait }: DataLockOptions,
): Promise<number | undefined> {
  const alive = (): readonly ProcessIdentity[] => services.filter((entry) => processes.isAlive(entry));
  if (alive().length === 0) return undefined;
  onWait(alive().map(({ pid }) => pid));
  for (let waitedMs = 0; waitedMs < waitMs; waitedMs += 100) {
    await sleep(100);
    if (alive().length === 0) return undefined;
  }
  return alive()[0]?.pid;
}
