import type { SourceDocument } from './document.ts';
import type { Problem } from './problem.ts';
import { asMapping } from './schema/cross-checks.ts';
import { findFiles } from './source-files.ts';

/** The files that a list of paths and patterns in the configuration leads to. */
export interface ListedFiles {
  readonly patterns: readonly string[];
  /** Absolute, each once, in the order of the list. */
  readonly files: readonly string[];
  /** Of paths that lead nowhere; a pattern may. */
  readonly problems: readonly Problem[];
}

/**
 * Finds the files of `rule_files` or another list. Entries that are no text are left to the schema.
 * @param at the path of the list
 */
export async function findListedFiles(
  source: SourceDocument,
  at: readonly string[],
  folder: string,
): Promise<ListedFiles> {
  const list = at.reduce<unknown>((value, key) => asMapping(value)[key], source.value);
  const entries = (Array.isArray(list) ? list : []).flatMap((pattern: unknown, index) =>
    typeof pattern === 'string' && pattern !== '' && !source.isUnfilled([...at, index]) ? [{ index, pattern }] : [],
  );
  const files = new Set<string>();
  const problems: Problem[] = [];
  for (const { index, pattern } of entries) {
    const found = await findFiles(pattern, folder);
    for (const file of found) files.add(file);
    if (found.length > 0 || /[*?[{]/.test(pattern)) continue;
    const path = [...at, index];
    problems.push({
      file: source.file,
      line: source.lineOf(path),
      path: source.formatPath(path),
      expected: 'a file that exists',
      found: source.foundAt(path),
    });
  }
  return { patterns: entries.map(({ pattern }) => pattern), files: [...files], problems };
}
