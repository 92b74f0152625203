import { readFile } from 'node:fs/promises';
import { findCleanMappings, type Mapping } from './clean-mappings.ts';

/** Source: madvise(2); the number is that of Linux on every processor. */
const MADV_DONTNEED = 4;
/** The schema is in place by then, on the slowest disk that was tried. */
const AFTER_START_MS = 15_000;

/** What went out of this process's memory, in bytes. */
export interface Dropped {
  readonly bytes: number;
}

/**
 * Once, a while after the start: drops the pages of the engine's library that only the start has used. Its thousands of initialisers are all
 * over 380 MiB of code, and the kernel maps 64 KiB around each: 80 MiB that nobody looks at again (docs/decisions/0016). The pages stay in the
 * system's cache of files; what is still used comes back from there, in some milliseconds all in all.
 * @param report hears what came of it; where there is no Linux or no FFI nothing is done and nothing is said
 * @returns a function that calls it off
 */
export function dropStartPagesLater(report: (dropped: Dropped) => void): () => void {
  const timer = setTimeout(() => {
    void dropStartPages().then((dropped) => dropped && report(dropped));
  }, AFTER_START_MS);
  timer.unref();
  return () => clearTimeout(timer);
}

/** @returns what was dropped, `undefined` where it cannot be done */
export async function dropStartPages(): Promise<Dropped | undefined> {
  const madvise = await loadMadvise();
  if (!madvise) return undefined;
  const before = await residentFileBytes();
  for (const { startAddress, sizeBytes } of findCleanMappings(await readFile('/proc/self/smaps', 'utf8'), isEngine))
    madvise(startAddress, sizeBytes, MADV_DONTNEED);
  return { bytes: Math.max(0, before - (await residentFileBytes())) };
}

function isEngine(path: string): boolean {
  return path.endsWith('/libchdb.so');
}

type Madvise = (startAddress: Mapping['startAddress'], sizeBytes: Mapping['sizeBytes'], advice: number) => unknown;

/** `undefined` where Node has no FFI, or the system is not a Linux with glibc. */
async function loadMadvise(): Promise<Madvise | undefined> {
  try {
    const { dlopen } = await import('node:ffi');
    const library = dlopen('libc.so.6', { madvise: { arguments: ['u64', 'u64', 'i32'], return: 'i32' } });
    return library.functions.madvise;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ERR_UNKNOWN_BUILTIN_MODULE' || code === 'ERR_FFI_CALL_FAILED') return undefined;
    throw error;
  }
}

/** Source: proc_pid_status(5), `RssFile`. */
async function residentFileBytes(): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8');
  return Number(/^RssFile:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1_024;
}
