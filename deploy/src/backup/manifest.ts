import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** A file of a backup, by its path from the backup's folder. */
export interface BackupFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** In hex. */
  readonly sha256: string;
}

/** What a backup holds; written last, so a backup without it is none. */
export interface Manifest {
  readonly format: 1;
  readonly name: string;
  /** ISO 8601, UTC: what was acknowledged before is in it. */
  readonly beganAt: string;
  readonly endedAt: string;
  readonly tocsinVersion: string;
  readonly clickhouse: {
    readonly version: string;
    readonly database: string;
    /** Of the whole database, what lies in earlier backups included. */
    readonly sizeBytes: number;
    /** `disk`: on a disk of the server's, so nothing of it is among the files here. */
    readonly place: 'file' | 'disk' | 's3';
    readonly disk?: string;
  };
  /** Whether everything acknowledged is in it exactly once. */
  readonly isExact: boolean;
  /** The backup that this one is on top of, and the SHA-256 of its manifest. */
  readonly base: { readonly name: string; readonly sha256: string } | null;
  /** Files that the configuration takes secrets from: not in the backup. */
  readonly secretFiles: readonly string[];
  readonly files: readonly BackupFile[];
}

export const MANIFEST_FILE = 'manifest.json';
/** The parts of a backup. `data` is laid out as a data folder is. */
export const PARTS = { clickhouse: 'clickhouse', data: 'data', config: 'config' } as const;

/** @returns what stands in a manifest, or in words why it is none */
export function parseManifest(text: string): Manifest | string {
  let value: Partial<Manifest> | null;
  try {
    value = JSON.parse(text) as Partial<Manifest> | null;
  } catch (error) {
    if (error instanceof SyntaxError) return 'it is no JSON';
    throw error;
  }
  if (typeof value !== 'object' || value === null) return 'it is no manifest';
  if (value.format !== 1) return `expected format 1, found ${JSON.stringify(value.format)}: a newer Tocsin made it`;
  const { name, clickhouse, files, base } = value;
  const isWhole =
    typeof name === 'string' && typeof clickhouse?.database === 'string' && Array.isArray(files) && base !== undefined;
  if (!isWhole) return 'it lacks fields';
  const outside = (files as readonly BackupFile[]).find(({ path }) => !isInside(path));
  return outside ? `it names a file outside of the backup, ${JSON.stringify(outside.path)}` : (value as Manifest);
}

/** A plain path below a folder. */
export function isInside(path: unknown): path is string {
  return (
    typeof path === 'string' &&
    !path.startsWith('/') &&
    path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  );
}

/** The SHA-256 of a file, in hex, and its size. */
export async function hashFile(path: string): Promise<{ readonly sizeBytes: number; readonly sha256: string }> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    hash.update(chunk);
  }
  return { sizeBytes, sha256: hash.digest('hex') };
}

export function hashText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The files below a folder, by their paths from it, in order. */
export async function listFiles(folder: string, below = ''): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await listFiles(folder, path)));
    else found.push(path);
  }
  return found.toSorted();
}
