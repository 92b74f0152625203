import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { formatPath, type SourceDocument } from './document.ts';
import type { Problem } from './problem.ts';

/** Settings of monitors that name a file: `tls.ca_file`, `body_file`, `multipart[].file`. */
const NAMES_FILE = /(?:^|_)file$/;

/** What is wrong with the files that monitors name: each must be there. They are read at the runs. */
export function checkNamedFiles(sources: readonly SourceDocument[], folder: string): Problem[] {
  return sources.flatMap((source) => {
    const { monitors } = source.value as { monitors?: unknown };
    return findNames(monitors, ['monitors']).flatMap(({ path, file }) => {
      if (source.isUnfilled(path) || statSync(resolve(folder, file), { throwIfNoEntry: false })?.isFile()) return [];
      const line = source.lineOf(path);
      const found = source.foundAt(path);
      return [{ file: source.file, line, path: formatPath(path), expected: 'a file that exists', found }];
    });
  });
}

interface NamedFile {
  readonly path: readonly (string | number)[];
  readonly file: string;
}

function findNames(value: unknown, path: readonly (string | number)[]): NamedFile[] {
  if (Array.isArray(value)) return value.flatMap((entry: unknown, index) => findNames(entry, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    // Names of headers and fields are people's own.
    if (key === 'headers' || key === 'form') return [];
    const isName = NAMES_FILE.test(key) && typeof inner === 'string' && inner !== '';
    return isName ? [{ path: [...path, key], file: inner }] : findNames(inner, [...path, key]);
  });
}

/** The value with the paths of files (`file`, `caFile` …) made absolute. */
export function resolveNamedFiles<Value>(value: Value, folder: string): Value {
  if (Array.isArray(value)) return value.map((entry: unknown) => resolveNamedFiles(entry, folder)) as Value;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]: [string, unknown]) => {
    if (key === 'headers' || key === 'fields') return [key, inner];
    const isName = /(?:^f|F)ile$/.test(key) && typeof inner === 'string';
    return [key, isName ? resolve(folder, inner) : resolveNamedFiles(inner, folder)];
  });
  return Object.fromEntries(entries) as Value;
}
