import { readFileSync } from 'node:fs';
import { expandSnippets } from './rollup-sql.ts';

/** The statement in `sql/<name>.sql`, snippets filled in, with the plugin's macros as they stand in the dashboard. */
export function readSql(name: `${'services' | 'uptime' | 'trace'}/${string}`): string {
  return expandSnippets(readFileSync(new URL(`../sql/${name}.sql`, import.meta.url), 'utf8').trimEnd());
}
