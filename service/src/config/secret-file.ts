import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Environment } from './environment.ts';

/** Where `${NAME}` and `${file:PATH}` get their values from. */
export interface References {
  readonly env: Environment;
  /** @returns the text of a file without the line end at its end, or in words why there is none */
  readonly readFile: (path: string) => { readonly text: string } | { readonly found: string };
}

const FOUND: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EISDIR: 'a folder',
  EACCES: 'one that this user may not read',
};
/** A secret is short; whatever is longer is another file. */
const MAX_CHARACTERS = 65_536;

/**
 * References of a configuration file in `folder`.
 * @param onFile told of every file that is asked for, absolute
 */
export function referencesFrom(env: Environment, folder: string, onFile: (path: string) => void): References {
  return {
    env,
    readFile(path) {
      const absolute = resolve(folder, path);
      onFile(absolute);
      try {
        const text = readFileSync(absolute, 'utf8');
        return text.length > MAX_CHARACTERS ? { found: 'a file above 64 KiB' } : { text: text.replace(/\r?\n$/, '') };
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
        return { found: FOUND[code] ?? code };
      }
    },
  };
}
