import { readFileSync } from 'node:fs';
import { expandSnippets } from './rollup-sql.ts';

type Folder =
  | 'alerts'
  | 'annotations'
  | 'fleet'
  | 'logs'
  | 'metric'
  | 'monitor'
  | 'runtime'
  | 'self'
  | 'services'
  | 'slos'
  | 'trace'
  | 'traces'
  | 'uptime';

/**
 * The statement in `sql/<name>.sql`, snippets filled in, with the plugin's macros as they stand in the dashboard.
 * @param values what stands for `@{name}` in a statement that several panels share; SQL of ours, never a reader's text
 * @throws Error for a name that is neither there nor a snippet
 */
export function readSql(name: `${Folder}/${string}`, values: Readonly<Record<string, string>> = {}): string {
  const text = readFileSync(new URL(`../sql/${name}.sql`, import.meta.url), 'utf8').trimEnd();
  const filled = Object.entries(values).reduce((sql, [key, value]) => sql.replaceAll(`@{${key}}`, () => value), text);
  return expandSnippets(filled);
}
