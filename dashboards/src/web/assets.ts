import { readdir, readFile } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';

/** A built file as it is sent. */
export interface Asset {
  readonly body: Buffer;
  readonly contentType: string;
  readonly encoding: 'gzip' | undefined;
  /** Its name has a hash of what it holds, so it never changes. */
  readonly isImmutable: boolean;
}

/** The built application. */
export interface Assets {
  /** @param path of the URL, as `/assets/main-Ab3.js` */
  find(path: string, acceptsGzip: boolean): Promise<Asset | undefined>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
};
/** The page that starts the application, whatever its path. */
export const INDEX = '/index.html';

/**
 * Reads which files were built into a folder; each is read from there when it is asked for. Only what was found is ever opened, so no path of a
 * request reaches the disk.
 * @returns `undefined` where nothing was built
 */
export async function readAssets(folder: string): Promise<Assets | undefined> {
  const files = new Map<string, string>();
  try {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const file = join(entry.parentPath, entry.name);
      if (entry.isFile()) files.set(file.slice(folder.length).split(sep).join('/'), file);
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  if (!files.has(INDEX)) return undefined;
  return {
    find: async (path, acceptsGzip) => {
      const contentType = TYPES[extname(path)];
      const plain = files.get(path);
      if (plain === undefined || contentType === undefined) return undefined;
      const packed = acceptsGzip ? files.get(`${path}.gz`) : undefined;
      const body = await readFile(packed ?? plain);
      const isImmutable = path.startsWith('/assets/');
      return { body, contentType, encoding: packed === undefined ? undefined : 'gzip', isImmutable };
    },
  };
}
