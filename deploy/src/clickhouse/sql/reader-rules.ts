import { ClickHouseException } from '../exception.ts';
import type { Clauses } from './clauses.ts';
import { checkBareNames, checkTableFunction, isSystemDatabase } from './function-rules.ts';
import { refusal } from './refusal.ts';
import { READER_SYSTEM_TABLES } from './sources-table.ts';
import { checkFiles } from './file-rules.ts';
import { argumentsOf, nodesOf, type TreeNode } from './tree.ts';

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}

/** What a reader's statement may be. */
const ROOTS = words(`
SelectWithUnionQuery SelectIntersectExceptQuery SelectQuery Explain DescribeQuery ShowTables ShowColumns ShowCreateTableQuery ShowCreateViewQuery
ShowCreateDatabaseQuery ShowFunctions ShowSetting ShowEngineQuery ExistsTableQuery ExistsViewQuery ExistsDatabaseQuery ExistsDictionaryQuery
UseQuery Set CreateQuery DropQuery InsertQuery
`);

/** What may be in it. */
const PARTS = words(`
ExpressionList TablesInSelectQuery TablesInSelectQueryElement TableExpression TableIdentifier TableJoin ArrayJoin Subquery WithElement Function
Identifier Literal Asterisk QualifiedAsterisk ColumnsRegexpMatcher QualifiedColumnsRegexpMatcher ColumnsListMatcher QualifiedColumnsListMatcher
ColumnsTransformerList ColumnsApplyTransformer ColumnsExceptTransformer ColumnsReplaceTransformer ColumnsReplaceTransformer::Replacement
ColumnsRegexpApplyTransformer OrderByElement StorageOrderByElement InterpolateElement WindowDefinition WindowListElement SampleRatio
QueryParameter ColumnDeclaration DataType NameTypePair ObjectTypeArgument EnumDataType TupleDataType Collation
`);
const TEMPORARY_PARTS = new Set(['Columns definition', 'Storage definition']);
const IN_FUNCTION = /^(global)?(not)?(null)?in(ignoreset)?$/i;

/**
 * Judges a statement of a user who may only read, but for its settings.
 * @throws ClickHouseException ACCESS_DENIED, or INTO_OUTFILE_NOT_ALLOWED
 */
export function checkReader(root: TreeNode, clauses: Clauses, check: (name: string) => void): void {
  const nodes = [...nodesOf(root)];
  for (const node of nodes) {
    if (!ROOTS.has(node.kind) && !PARTS.has(node.kind) && !TEMPORARY_PARTS.has(node.kind))
      throw refusal(`a reader’s statement may not have \`${node.kind}\``);
    checkNode(node, check);
  }
  for (const node of [root, ...nodes.filter(({ parent }) => parent?.kind === 'Explain')])
    checkKind(node, clauses, root);
  checkFiles(nodes, clauses);
  checkBareNames(nodes, clauses);
  checkSettings(nodes, clauses);
}

function checkKind(node: TreeNode, { tokens }: Clauses, root: TreeNode): void {
  if (!ROOTS.has(node.kind)) throw readonly();
  const isTemporary = root === node && tokens[1]?.text === 'TEMPORARY';
  if ((node.kind === 'CreateQuery' || node.kind === 'DropQuery') && !isTemporary) throw readonly();
  if (node.kind === 'InsertQuery' && root !== node) throw readonly();
  if (node.kind === 'Explain' && /OVERRIDE|TRANSACTION/.test(node.name)) throw refusal(`EXPLAIN ${node.name}`);
  if (node.kind === 'UseQuery' && isSystemDatabase(node.name))
    throw refusal(`the tables of ${node.name} have to be named with their database`);
}

function checkNode(node: TreeNode, check: (name: string) => void): void {
  switch (node.kind) {
    case 'Function':
      checkFunctionNode(node, check);
      break;
    case 'TableIdentifier':
      checkTable(node.name);
      break;
    case 'ShowCreateTableQuery':
    case 'ShowCreateViewQuery':
    case 'InsertQuery':
      checkTable(node.children.map(({ kind, name }) => (kind === 'Identifier' ? name : '')).join('.'));
      break;
    default:
  }
}

function checkFunctionNode(node: TreeNode, check: (name: string) => void): void {
  const { parent, name } = node;
  if (parent?.kind === 'Storage definition') {
    if (name !== 'Memory') throw refusal(`a temporary table has the engine Memory, not \`${name}\``);
  } else if (parent?.kind === 'InsertQuery') throw refusal('INSERT INTO FUNCTION');
  else if (parent?.kind === 'TableExpression') checkTableFunction(node, false);
  else check(name);
  if (!IN_FUNCTION.test(name)) return;
  // `x IN system.processes`: the name of a table.
  const [, table] = argumentsOf(node);
  if (table?.kind === 'Identifier') checkTable(table.name);
}

/** A table of the engine's own databases has to be in the reviewed list. */
function checkTable(name: string): void {
  const [database = '', ...table] = name.split('.');
  if (table.length === 0 || !isSystemDatabase(database)) return;
  if (database.toLowerCase() === 'system' && READER_SYSTEM_TABLES.has(table.join('.'))) return;
  throw refusal(`\`${name}\` is not for readers`);
}

/** The tree shows that there are settings, the text shows which (they have been judged): both have to agree. */
function checkSettings(nodes: readonly TreeNode[], { settings }: Clauses): void {
  const inTree = nodes.filter(({ kind, parent }) => kind === 'Set' && parent?.kind !== 'Explain').length;
  if (inTree !== settings.length) throw refusal('its settings cannot be read');
}

function readonly(): ClickHouseException {
  return ClickHouseException.of('READONLY', 'Cannot execute query in readonly mode: this user may only read.');
}
