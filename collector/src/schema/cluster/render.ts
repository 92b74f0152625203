import type { Migration } from '../migrations.ts';
import {
  type AlterTable,
  type CreateTable,
  type CreateView,
  parseStatement,
  type ReplaceView,
  type SchemaStatement,
  tablesRead,
} from '../statement/statement.ts';
import { tokenize } from '../statement/tokens.ts';
import { type Cluster, localName, onCluster, replicaArguments } from './cluster.ts';
import { SHARDING_KEYS } from './sharding-table.ts';

const MERGE_TREE = /^(?:|Aggregating|Summing|Replacing|Coalescing|Collapsing|VersionedCollapsing)MergeTree$/;

/**
 * How long Keeper remembers inserted blocks, in seconds: a week, since a segment may wait that long for its second attempt. (ClickHouse's default is an
 * hour.) How many is what the migration says for the single node.
 */
const REMEMBERED_S = 604_800;
const WINDOW = 'non_replicated_deduplication_window';

/**
 * Writes the migrations, which are made for one node, for a cluster: every table becomes a replicated one of the name with `_local` and, for
 * tables with rows, a Distributed one of the public name over it; views read and fill the local ones.
 * @throws Error for a statement that cannot be written so: the message says which and why
 */
export function renderForCluster(
  migrations: readonly Migration[],
  cluster: Cluster,
  shardingKeys: Readonly<Record<string, string>> = SHARDING_KEYS,
): readonly Migration[] {
  const parsed = migrations.map((migration) => ({ ...migration, parsed: migration.statements.map(parseStatement) }));
  const all = parsed.flatMap((migration) => migration.parsed);
  const renderer: Renderer = {
    cluster,
    shardingKeys,
    tables: new Set(all.filter(({ kind }) => kind === 'create_table').map(({ name }) => name)),
    views: new Set(all.filter(({ kind }) => kind === 'create_view').map(({ name }) => name)),
    filled: new Set(all.flatMap((statement) => (statement.kind === 'create_view' ? [statement.target] : []))),
  };
  return parsed.map(({ version, name, parsed: statements }) => ({
    version,
    name,
    statements: statements.flatMap((statement) => renderStatement(renderer, statement)),
  }));
}

interface Renderer {
  readonly cluster: Cluster;
  readonly shardingKeys: Readonly<Record<string, string>>;
  /** The names of all tables and views, and of the tables that views fill. */
  readonly tables: ReadonlySet<string>;
  readonly views: ReadonlySet<string>;
  readonly filled: ReadonlySet<string>;
}

function renderStatement(renderer: Renderer, statement: SchemaStatement): readonly string[] {
  switch (statement.kind) {
    case 'create_table':
      return renderTable(renderer, statement);
    case 'create_view':
      return [renderView(renderer, statement)];
    case 'replace_view':
      return [renderReadView(renderer, statement)];
    case 'alter_table':
      return renderAlter(renderer, statement);
  }
}

function renderTable({ cluster, shardingKeys, filled }: Renderer, table: CreateTable): readonly string[] {
  const { sql, name, nameToken, engine, engineStart, engineEnd, engineArguments } = table;
  const key = shardingKeys[name];
  if (key === undefined && !filled.has(name))
    throw new Error(`table ${name}: neither a view fills it nor has it a sharding key (cluster/sharding-table.ts)`);
  const local = localName(name);
  const stored = splice(sql, [
    { ...nameToken, text: `${local} ${onCluster(cluster)}` },
    { start: engineStart, end: engineEnd, text: renderEngine(cluster, local, engine, engineArguments) },
    ...windowEdits(sql),
  ]);
  if (engine !== 'Null' && windowEdits(sql).length === 0)
    throw new Error(`table ${name}: ${WINDOW} is missing: a repeated insert would double its rows`);
  const target = [`'${cluster.name}'`, `'${cluster.database}'`, `'${local}'`, ...(key === undefined ? [] : [key])];
  return [
    stored,
    `CREATE TABLE IF NOT EXISTS ${name} ${onCluster(cluster)} AS ${local}\nENGINE = Distributed(${target.join(', ')})`,
  ];
}

function renderEngine(cluster: Cluster, local: string, engine: string, given: string): string {
  if (engine === 'Null' && given === '') return engine;
  if (!MERGE_TREE.test(engine))
    throw new Error(`table ${local}: the engine ${engine} has no replicated form that is known here`);
  return `Replicated${engine}(${replicaArguments(cluster, local)}${given === '' ? '' : `, ${given}`})`;
}

function renderView({ cluster, tables }: Renderer, view: CreateView): string {
  const { sql, name, nameToken, target, targetToken, select } = view;
  if (!tables.has(target)) throw new Error(`view ${name}: there is no table ${target}`);
  return splice(sql, [
    { ...nameToken, text: `${name} ${onCluster(cluster)}` },
    { ...targetToken, text: localName(target) },
    ...readEdits(name, select, tables),
  ]);
}

/** A view that is only read reads the Distributed tables: its readers ask about all shards. */
function renderReadView({ cluster, tables }: Renderer, { sql, name, nameToken, select }: ReplaceView): string {
  readEdits(name, select, tables);
  return splice(sql, [{ ...nameToken, text: `${name} ${onCluster(cluster)}` }]);
}

function renderAlter({ cluster, tables, views }: Renderer, alter: AlterTable): readonly string[] {
  const { sql, name, nameToken, actions, select } = alter;
  if (views.has(name)) {
    const edits = readEdits(name, select, tables);
    return [splice(sql, [{ ...nameToken, text: `${name} ${onCluster(cluster)}` }, ...edits])];
  }
  if (!tables.has(name)) throw new Error(`table ${name}: there is none to alter`);
  const stored = splice(sql, [{ ...nameToken, text: `${localName(name)} ${onCluster(cluster)}` }, ...windowEdits(sql)]);
  // A Distributed table has columns, and neither indexes nor settings of a MergeTree.
  const columns = actions.filter(({ kind }) => kind === 'add_column' || kind === 'comment_column');
  if (columns.length === 0) return [stored];
  const texts = columns.map(({ start, end }) => sql.slice(start, end).trim());
  return [stored, `ALTER TABLE ${name} ${onCluster(cluster)} ${texts.join(', ')}`];
}

function readEdits(view: string, select: AlterTable['select'], tables: ReadonlySet<string>): readonly Edit[] {
  const read = tablesRead(select, tables);
  const unknown = read.find(({ name }) => !tables.has(name));
  if (unknown) throw new Error(`view ${view}: it reads ${unknown.name}, which no migration makes`);
  if (read.length === 0) throw new Error(`view ${view}: it reads no table`);
  return read.map(({ name, token }) => ({ ...token, text: localName(name) }));
}

/** The memory of inserted blocks has another name in replicated tables. */
function windowEdits(sql: string): readonly Edit[] {
  return tokenize(sql)
    .filter(({ text }) => text === WINDOW)
    .map((token) => ({
      ...token,
      text: `replicated_deduplication_window_seconds = ${REMEMBERED_S},\n    replicated_deduplication_window`,
    }));
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

function splice(sql: string, edits: readonly Edit[]): string {
  return edits
    .toSorted((a, b) => b.start - a.start)
    .reduce((text, edit) => text.slice(0, edit.start) + edit.text + text.slice(edit.end), sql);
}
