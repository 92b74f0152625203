import type { Clauses } from './clauses.ts';
import { checkBackup } from './backup-rules.ts';
import { checkBareNames, checkTableFunction } from './function-rules.ts';
import { checkFiles } from './file-rules.ts';
import { refusal } from './refusal.ts';
import { ALLOWED_DATABASE_ENGINES, ALLOWED_ENGINES } from './sources-table.ts';
import { nodesOf, type TreeNode } from './tree.ts';

/** What the writer has no use for: other people's data, code and rights. */
const REFUSED_ROOTS =
  /^(SetRole|ExecuteAs|ASTTransactionControl|CreateNamedCollection|AlterNamedCollection|DropNamedCollection|CreateUser|CreateRole|CreateQuota|CreateSettingsProfile|CreateRowPolicy|CreateMaskingPolicy|Grant|ShowGrants|ShowAccess|CreateWorkload|CreateResource|DropWorkload|DropResource|ParallelWith|External|CreateIndex|DropIndex|WatchQuery|Copy|CreateWasm|CreateFunctionWithDriver)/;
const REFUSED_PARTS = new Set(['Dictionary definition', 'FunctionWithKeyValueArguments', 'TableOverride']);
/** `SYSTEM` commands of the writer; grants hold the rest back as well. */
const SYSTEM = /^SYSTEM (FLUSH|START|STOP|DROP|CLEAR|SYNC|WAIT|REFRESH|PREFETCH|LOAD|UNLOAD) /i;

/**
 * Judges a statement of the writer: it may write and define tables, but reaches outside the database as little as a reader. Its settings are judged elsewhere.
 * @throws ClickHouseException ACCESS_DENIED, or INTO_OUTFILE_NOT_ALLOWED
 */
export function checkWriter(root: TreeNode, clauses: Clauses, check: (name: string) => void): void {
  if (REFUSED_ROOTS.test(root.kind)) throw refusal(`\`${root.kind}\` is not for the writer`);
  if (root.kind === 'BackupQuery' || root.kind === 'RestoreQuery') return checkBackup(root, clauses);
  const first = clauses.tokens.slice(0, 3).map(({ text }) => text);
  if (first[0] === 'SYSTEM' && !SYSTEM.test(`${first.join(' ')} `))
    throw refusal('this SYSTEM command is not for the writer');
  if (first[0] === 'ATTACH' && root.kind === 'CreateQuery' && clauses.tokens.some(({ text }) => text === 'FROM'))
    throw refusal('ATTACH … FROM a path');
  const nodes = [...nodesOf(root)];
  for (const node of nodes) {
    if (REFUSED_PARTS.has(node.kind)) throw refusal(`\`${node.kind}\` is not for the writer`);
    if (node.kind === 'AlterCommand' && node.name.startsWith('FETCH')) throw refusal('ALTER … FETCH');
    if (node.kind === 'TableIdentifier' && /^default\./i.test(node.name))
      throw refusal('the database `default` reaches files');
    if (node.kind === 'Function') checkFunctionNode(node, root, check);
  }
  checkFiles(nodes, clauses);
  checkBareNames(nodes, clauses);
}

function checkFunctionNode(node: TreeNode, root: TreeNode, check: (name: string) => void): void {
  const { parent, name } = node;
  if (parent?.kind === 'Storage definition' && parent.children[0] === node) {
    if (!ALLOWED_ENGINES.has(name) && !ALLOWED_DATABASE_ENGINES.has(name))
      throw refusal(`the engine \`${name}\` reaches outside the database`);
  } else if (parent?.kind === 'InsertQuery') throw refusal('INSERT INTO FUNCTION');
  else if (parent?.kind === 'TableExpression') checkTableFunction(node, root.kind === 'InsertQuery');
  // Codecs, kinds of index and the like have no list of their own: they compute.
  else if (!isDeclaration(node)) check(name);
}

/** `CODEC(…)`, the codecs in it, and the type of an index. */
function isDeclaration(node: TreeNode): boolean {
  const { parent, name } = node;
  if (parent?.kind === 'ColumnDeclaration' && name === 'CODEC') return true;
  if (parent?.kind === 'Index' || parent?.kind === 'StatisticsDeclaration') return parent.children.at(-1) === node;
  const above = parent?.parent;
  return above?.name === 'CODEC' && above.parent?.kind === 'ColumnDeclaration';
}
