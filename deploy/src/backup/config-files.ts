import { copyFile, glob, mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { TocsinConfig } from '@tocsin/service/config';

/**
 * Copies the files that the configuration was read from, by their paths from the folder of `tocsin.yaml`. Files with secrets stay where they are: who restores
 * brings them.
 * @param to the folder to write to
 * @returns the files with secrets
 */
export async function saveConfigFiles(config: TocsinConfig, to: string): Promise<readonly string[]> {
  const { configFile, patterns, folder, secretFiles } = config.watched;
  await mkdir(to, { recursive: true, mode: 0o700 });
  const secrets = new Set(secretFiles);
  const matched = await Array.fromAsync(glob([...patterns], { cwd: folder }));
  const files = new Set([
    ...(configFile === undefined ? [] : [configFile]),
    ...matched.map((file) => resolve(folder, file)),
  ]);
  const places: Record<string, string> = {};
  for (const file of [...files].filter((path) => !secrets.has(path)).toSorted()) {
    const place = placeOf(folder, file, new Set(Object.keys(places)));
    places[place] = file;
    await mkdir(dirname(join(to, place)), { recursive: true, mode: 0o700 });
    await copyFile(file, join(to, place));
  }
  await writeFile(join(to, 'files.json'), `${JSON.stringify(places, null, 2)}\n`, { mode: 0o600 });
  return secretFiles;
}

/** Files from elsewhere lie in `outside/`; `files.json` says where they were. */
function placeOf(folder: string, file: string, taken: ReadonlySet<string>): string {
  const short = relative(folder, file);
  if (!short.startsWith('..') && !isAbsolute(short)) return short;
  for (let number = 1; ; number += 1) {
    const place = `outside/${number}-${basename(file)}`;
    if (!taken.has(place)) return place;
  }
}
