import { Cursor } from './cursor.ts';
import { identifierOf, isWord, type Token } from './tokens.ts';

interface Parsed {
  readonly sql: string;
  /** The table or view, without quotes, and where its name stands. */
  readonly name: string;
  readonly nameToken: Token;
}

/** `CREATE TABLE IF NOT EXISTS name (…) ENGINE = …` */
export interface CreateTable extends Parsed {
  readonly kind: 'create_table';
  readonly engine: string;
  /** The engine's name with its arguments, and the arguments' text. */
  readonly engineStart: number;
  readonly engineEnd: number;
  readonly engineArguments: string;
}

/** `CREATE MATERIALIZED VIEW IF NOT EXISTS name TO target (…) AS SELECT …` */
export interface CreateView extends Parsed {
  readonly kind: 'create_view';
  readonly target: string;
  readonly targetToken: Token;
  readonly select: readonly Token[];
}

/** `CREATE OR REPLACE VIEW name AS SELECT …`: it has no rows, so a later migration may say it anew. */
export interface ReplaceView extends Parsed {
  readonly kind: 'replace_view';
  readonly select: readonly Token[];
}

/** One action of an ALTER. */
export interface AlterAction {
  readonly kind: ActionKind;
  readonly start: number;
  readonly end: number;
}

/** `ALTER TABLE name action, …` */
export interface AlterTable extends Parsed {
  readonly kind: 'alter_table';
  readonly actions: readonly AlterAction[];
  /** Of `MODIFY QUERY`, which stands alone. */
  readonly select: readonly Token[];
}

/** A statement that a migration may have. */
export type SchemaStatement = CreateTable | CreateView | ReplaceView | AlterTable;

/**
 * The actions that change metadata alone, so that a live table goes on taking inserts; each changes nothing the second time. Everything
 * else (MODIFY COLUMN, DROP, UPDATE, DELETE, MATERIALIZE, MODIFY TTL …) rewrites parts or loses data and is refused.
 */
const ACTIONS = [
  ['add_column', 'ADD COLUMN IF NOT EXISTS'],
  ['add_index', 'ADD INDEX IF NOT EXISTS'],
  ['add_projection', 'ADD PROJECTION IF NOT EXISTS'],
  ['modify_setting', 'MODIFY SETTING'],
  ['reset_setting', 'RESET SETTING'],
  ['comment_column', 'COMMENT COLUMN IF EXISTS'],
  ['modify_comment', 'MODIFY COMMENT'],
  ['modify_query', 'MODIFY QUERY'],
] as const;
type ActionKind = (typeof ACTIONS)[number][0];

const VERBS = new Set([
  'ADD',
  'MODIFY',
  'RESET',
  'COMMENT',
  'DROP',
  'RENAME',
  'CLEAR',
  'UPDATE',
  'DELETE',
  'MATERIALIZE',
]);
const CLAUSES = ['PARTITION', 'ORDER', 'PRIMARY', 'SAMPLE', 'SETTINGS', 'COMMENT'];

/**
 * Reads a statement of a migration. Only forms that change nothing when they run twice and that never block a live table are known.
 * @throws Error for every other one, with what was expected and what was found
 */
export function parseStatement(sql: string): SchemaStatement {
  const cursor = new Cursor(sql);
  if (cursor.takes('CREATE TABLE')) return createTable(cursor);
  if (cursor.takes('CREATE MATERIALIZED VIEW')) return createView(cursor);
  if (cursor.takes('CREATE OR REPLACE VIEW')) return replaceView(cursor);
  if (cursor.takes('ALTER TABLE')) return alterTable(cursor);
  throw cursor.problem('expected CREATE TABLE, CREATE MATERIALIZED VIEW, CREATE OR REPLACE VIEW or ALTER TABLE');
}

function createTable(cursor: Cursor): CreateTable {
  cursor.expect('IF NOT EXISTS');
  const { name, token: nameToken } = cursor.identifier('the table');
  cursor.bracket('its columns');
  cursor.expect('ENGINE =');
  const { name: engine, token } = cursor.identifier('the engine');
  const hasArguments = cursor.peek()?.text === '(';
  const open = cursor.peek();
  const close = hasArguments ? cursor.bracket('the engine') : token;
  const engineArguments = hasArguments && open ? cursor.sql.slice(open.end, close.start).trim() : '';
  const next = cursor.peek();
  if (next && !CLAUSES.some((clause) => isWord(next, clause)))
    throw cursor.problem(`expected one of ${CLAUSES.join(', ')} (a TTL comes from collector.retention)`);
  if (cursor.rest().some((one) => one.depth === 0 && isWord(one, 'TTL')))
    throw new Error(`table ${name}: its TTL comes from collector.retention, not from a migration`);
  return {
    kind: 'create_table',
    sql: cursor.sql,
    name,
    nameToken,
    engine,
    engineStart: token.start,
    engineEnd: close.end,
    engineArguments,
  };
}

function createView(cursor: Cursor): CreateView {
  cursor.expect('IF NOT EXISTS');
  const { name, token: nameToken } = cursor.identifier('the view');
  if (cursor.takes('REFRESH'))
    throw new Error(
      `view ${name}: a view that refreshes would do so on every replica of a cluster; fill the table at insert`,
    );
  cursor.expect('TO');
  const { name: target, token: targetToken } = cursor.identifier("the view's table");
  if (cursor.peek()?.text === '(') cursor.bracket("the view's columns");
  cursor.expect('AS');
  if (!isWord(cursor.peek(), 'SELECT') && !isWord(cursor.peek(), 'WITH'))
    throw cursor.problem('expected SELECT or WITH');
  const select = cursor.rest();
  return { kind: 'create_view', sql: cursor.sql, name, nameToken, target, targetToken, select };
}

function replaceView(cursor: Cursor): ReplaceView {
  const { name, token: nameToken } = cursor.identifier('the view');
  cursor.expect('AS');
  if (!isWord(cursor.peek(), 'SELECT') && !isWord(cursor.peek(), 'WITH'))
    throw cursor.problem('expected SELECT or WITH');
  return { kind: 'replace_view', sql: cursor.sql, name, nameToken, select: cursor.rest() };
}

function alterTable(cursor: Cursor): AlterTable {
  const { name, token: nameToken } = cursor.identifier('the table');
  const actions: AlterAction[] = [];
  let select: readonly Token[] = [];
  const tokens = [...new Cursor(cursor.sql).rest()].filter(({ start }) => start > nameToken.start);
  const begins = tokens.filter(
    (token, index) =>
      index === 0 || (tokens[index - 1]?.text === ',' && token.depth === 0 && VERBS.has(token.text.toUpperCase())),
  );
  for (const [index, begin] of begins.entries()) {
    const last = tokens.findLast(({ start }) => start < (begins[index + 1]?.start ?? Infinity));
    const end = begins[index + 1] ? (last?.start ?? begin.end) : (last?.end ?? begin.end);
    const action = new Cursor(cursor.sql.slice(begin.start, end));
    const known = ACTIONS.find(([, words]) => action.takes(words));
    if (!known) throw action.problem(`table ${name}: expected one of ${ACTIONS.map(([, words]) => words).join(', ')}`);
    actions.push({ kind: known[0], start: begin.start, end });
    if (known[0] === 'modify_query') {
      if (begins.length > 1) throw new Error(`view ${name}: MODIFY QUERY stands alone`);
      select = tokens.slice(2);
    }
  }
  if (actions.length === 0) throw cursor.problem(`table ${name}: expected an action`);
  return { kind: 'alter_table', sql: cursor.sql, name, nameToken, actions, select };
}

/** A table that a SELECT reads. */
export interface TableReference {
  readonly name: string;
  readonly token: Token;
}

/**
 * Finds the tables that a SELECT reads: what stands after FROM and JOIN and is neither a subquery, a table function nor a name that the statement
 * itself gives (`WITH name AS (…)`).
 * @throws Error when the name of one of `tables` stands anywhere else, where nobody could tell what it means
 */
export function tablesRead(select: readonly Token[], tables: ReadonlySet<string>): readonly TableReference[] {
  const own = new Set(
    select.flatMap((token, index) =>
      isWord(select[index + 1], 'AS') && select[index + 2]?.text === '(' ? [identifierOf(token) ?? ''] : [],
    ),
  );
  const found: TableReference[] = [];
  for (const [index, token] of select.entries()) {
    const before = select[index - 1];
    const isRead = isWord(before, 'FROM') || (isWord(before, 'JOIN') && !isWord(select[index - 2], 'ARRAY'));
    const name = identifierOf(token);
    if (name === undefined) continue;
    const next = select[index + 1]?.text;
    if (isRead && next === '.') throw new Error(`table ${name}.…: a migration names no database`);
    if (isRead && next !== '(' && !own.has(name)) found.push({ name, token });
    else if (tables.has(name))
      throw new Error(`${name}: a table stands after FROM or JOIN, and columns are named without it`);
  }
  return found;
}
