import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Logger } from '@tocsin/service/log';

/** The picture at the head of the page. */
export interface Logo {
  readonly type: string;
  readonly content: Buffer;
}

const TYPES: Readonly<Record<string, string>> = {
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
};

/** Reads the picture of the configuration; without one where it has gone since that was checked, and the log says so. */
export async function readLogo(file: string | undefined, log: Pick<Logger, 'warn'>): Promise<Logo | undefined> {
  if (file === undefined) return undefined;
  try {
    return { type: TYPES[extname(file).toLowerCase()] ?? 'application/octet-stream', content: await readFile(file) };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    log.warn({ err: error, file }, 'the logo of the status page cannot be read: the page has none');
    return undefined;
  }
}
