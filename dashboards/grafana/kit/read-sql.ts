import { readFileSync } from 'node:fs';

/** The statement in `sql/<name>.sql`, with the plugin's macros as they stand in the dashboard. */
export function readSql(name: `${'services' | 'uptime' | 'trace'}/${string}`): string {
  return readFileSync(new URL(`../sql/${name}.sql`, import.meta.url), 'utf8').trimEnd();
}
