import { glob, readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';

/** What a configuration was read from, and what it would be read from next time. */
export interface WatchedFiles {
  /** Absolute; `undefined` where there is none. */
  readonly configFile: string | undefined;
  /** Paths or patterns of rule files, from `folder`. */
  readonly patterns: readonly string[];
  readonly folder: string;
  /** Of the patterns those that name files with secrets, absolute. */
  readonly secretFiles: readonly string[];
  /** Of the files as they were read: see `signFiles`. */
  readonly signature: string;
}

/** The text of a file, or in words what was found in the place of a file of text. */
export type SourceText =
  | { readonly status: 'ok'; readonly text: string }
  | { readonly status: 'failed'; readonly expected: string; readonly found: string };

const FOUND: Readonly<Record<string, string>> = {
  ENOENT: 'no file (ENOENT)',
  EISDIR: 'a folder (EISDIR)',
  EACCES: 'that this user may not read it (EACCES)',
};

/** Reads a file of UTF-8 text; a byte order mark is taken off. */
export async function readSourceText(path: string): Promise<SourceText> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path));
    return { status: 'ok', text };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      return { status: 'failed', expected: 'text in UTF-8', found: 'other bytes' };
    return { status: 'failed', expected: 'a file that can be read', found: FOUND[code] ?? code };
  }
}

/** The files of a path or pattern, absolute, in order. */
export async function findFiles(pattern: string, folder: string): Promise<string[]> {
  return (await Array.fromAsync(glob(pattern, { cwd: folder }))).sort().map((file) => resolve(folder, file));
}

/** Changes when a file changes, appears or goes: times, sizes and numbers of all of them. */
export async function signFiles({
  configFile,
  patterns,
  folder,
}: Omit<WatchedFiles, 'signature' | 'secretFiles'>): Promise<string> {
  const matched = await Promise.all(patterns.map((pattern) => findFiles(pattern, folder)));
  const files = new Set([...(configFile === undefined ? [] : [configFile]), ...matched.flat()]);
  return joinSignatures(await Promise.all([...files].map(signFile)));
}

/** What changes with a file: taken before it is read, a change while it is read shows up later. */
export async function signFile(file: string): Promise<string> {
  const stats = await stat(file).catch(() => undefined);
  return `${file}:${stats ? `${stats.mtimeMs}:${stats.size}:${stats.ino}` : 'absent'}`;
}

/** The signature of several files. */
export function joinSignatures(signatures: readonly string[]): string {
  return signatures.toSorted().join('|');
}
