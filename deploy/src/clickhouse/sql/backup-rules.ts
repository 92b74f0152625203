import { type Clauses, nameOf } from './clauses.ts';
import { refusal } from './refusal.ts';
import { argumentsOf, nodesOf, stringOf, type TreeNode } from './tree.ts';

/** Below the engine's one folder for backups, which the engine holds as well (`backups.allowed_path`); no name begins with a dot. */
const PATH = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/;
const SETTINGS = new Set(['async', 'base_backup']);
const UNTOUCHABLE = /^(system|information_schema|default)$/i;

/**
 * Judges BACKUP and RESTORE of the writer: of one database of its own, to and from a file below the folder for backups. What lies there is up to whoever may
 * write in the data folder: `npx tocsin backup` makes a link to its target.
 * @throws ClickHouseException ACCESS_DENIED
 */
export function checkBackup(root: TreeNode, { tokens, settings }: Clauses): void {
  const [verb, what, database, next, renamed] = tokens;
  const elements = tokens.filter(
    ({ text, depth }) =>
      depth === (verb?.depth ?? 0) && /^(DATABASE|DATABASES|TABLE|TABLES|ALL|DICTIONARY|VIEW|EXCEPT|ON)$/.test(text),
  );
  if (what?.text !== 'DATABASE' || elements.length !== 1)
    throw refusal('only BACKUP DATABASE and RESTORE DATABASE, of one');
  const names = [nameOf(database), ...(next?.text === 'AS' ? [nameOf(renamed)] : [])];
  if (names.some((name) => name === undefined || UNTOUCHABLE.test(name))) throw refusal('a backup of this database');
  const unknown = settings.flat().find(({ name }) => !SETTINGS.has(name));
  if (unknown) throw refusal(`the setting \`${unknown.name}\` of a backup`);
  for (const node of nodesOf(root)) if (node.kind === 'Function') checkPlace(node);
}

function checkPlace(node: TreeNode): void {
  const [path, ...more] = argumentsOf(node);
  const text = stringOf(path);
  if (node.name !== 'File' || more.length > 0 || text === undefined || !PATH.test(text))
    throw refusal('a backup goes to File(…) below DATA/clickhouse/backups, with a plain path');
}
