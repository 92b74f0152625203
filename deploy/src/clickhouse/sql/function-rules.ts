import { ClickHouseException } from '../exception.ts';
import { ALLOWED_FUNCTIONS, COMBINATORS, HIGHER_ORDER_FUNCTIONS, REFUSED_FUNCTIONS } from './functions-table.ts';
import { type Clauses, nameOf } from './clauses.ts';
import { refusal } from './refusal.ts';
import { ALLOWED_TABLE_FUNCTIONS, READER_INPUT_FORMATS, REFUSED_TABLE_FUNCTIONS } from './sources-table.ts';
import { argumentsOf, stringOf, type TreeNode } from './tree.ts';

/** Made by the parser; they are no functions of `system.functions`. */
const PARSER_FUNCTIONS = new Set(['lambda', 'exists', 'untuple', 'grouping', 'columns']);
const lower = (names: ReadonlySet<string>): ReadonlySet<string> =>
  new Set([...names].map((name) => name.toLowerCase()));
const ALLOWED = lower(ALLOWED_FUNCTIONS);
const REFUSED = lower(REFUSED_FUNCTIONS);
const HIGHER_ORDER = lower(HIGHER_ORDER_FUNCTIONS);
const TABLE_ALLOWED = lower(ALLOWED_TABLE_FUNCTIONS);
const TABLE_REFUSED = lower(REFUSED_TABLE_FUNCTIONS);
const SUFFIXES = [...COMBINATORS].map((name) => name.toLowerCase());
const READER_FORMATS = lower(READER_INPUT_FORMATS);
/** Column declarations with more than names and types: an expression, which the tree does not show. */
const EXPRESSION_IN_STRUCTURE =
  /\b(default|materialized|alias|ephemeral|codec|ttl|statistics|comment|primary|settings)\b/i;

/** Whether the function is refused for everyone. */
export function isRefusedFunction(name: string): boolean {
  return REFUSED.has(name.toLowerCase());
}

/**
 * Judges an ordinary function: it has to be in the reviewed list, with combinators or without, or be one that the database itself defines in SQL.
 * @throws ClickHouseException ACCESS_DENIED or UNKNOWN_FUNCTION
 */
export function checkFunction(name: string, sqlFunctions: ReadonlySet<string>): void {
  const key = name.toLowerCase();
  if (REFUSED.has(key)) throw refusal(`the function \`${name}\` reaches outside the database`);
  if (ALLOWED.has(key) || PARSER_FUNCTIONS.has(key) || sqlFunctions.has(name)) return;
  if (TABLE_REFUSED.has(key)) throw refusal(`\`${name}\` reaches outside the database`);
  if (!hasCombinators(key))
    throw ClickHouseException.of('UNKNOWN_FUNCTION', `Function with name \`${name}\` does not exist.`);
}

/** `sumIf`, `quantilesTDigestMergeState`: a known aggregate function with combinators. */
function hasCombinators(key: string): boolean {
  return SUFFIXES.some((suffix) => {
    if (!key.endsWith(suffix) || key.length === suffix.length) return false;
    const rest = key.slice(0, -suffix.length);
    return ALLOWED.has(rest) || hasCombinators(rest);
  });
}

/**
 * Judges what stands in FROM like a function: a reviewed table function, or a view with parameters.
 * @throws ClickHouseException ACCESS_DENIED
 */
export function checkTableFunction(node: TreeNode, allowInput: boolean): void {
  const key = node.name.toLowerCase();
  if (key === 'input' && allowInput) return checkStructure(node, argumentsOf(node)[0]);
  if (TABLE_REFUSED.has(key) || REFUSED.has(key))
    throw refusal(`the table function \`${node.name}\` reaches outside the database`);
  // Whatever is in neither list is a view with parameters, or nothing: the engine says which.
  if (!TABLE_ALLOWED.has(key)) return;
  const values = argumentsOf(node);
  if (key === 'format') checkFormat(node, values);
  if (key === 'merge') checkMerge(values);
  if (key === 'values' || key === 'sqlstandardvalues' || key === 'generaterandom') checkStructure(node, values[0]);
}

/** `format(Name, ['structure'], 'data')`: everything written out, for what is computed cannot be judged. */
function checkFormat(node: TreeNode, values: readonly TreeNode[]): void {
  const [format] = values;
  const name = format?.kind === 'Identifier' ? format.name : stringOf(format);
  if (name === undefined || !READER_FORMATS.has(name.toLowerCase()))
    throw refusal(`the table function \`format\` reads text formats only, not \`${name ?? 'an expression'}\``);
  if (values.slice(1).some((value) => stringOf(value) === undefined))
    throw refusal('`format` takes text, not expressions');
  if (values.length > 2) checkStructure(node, values[1]);
}

/** `merge('regexp')` or `merge(database, 'regexp')`; other databases than the user's own may be the system's. */
function checkMerge(values: readonly TreeNode[]): void {
  const database = values.length > 1 ? values[0] : undefined;
  const name = database?.kind === 'Identifier' ? database.name : stringOf(database);
  if (values.length > 1 && (name === undefined || isSystemDatabase(name)))
    throw refusal('`merge` takes the name of a database that is not the system’s');
  if (stringOf(values.at(-1)) === undefined) throw refusal('`merge` takes a pattern, not an expression');
}

function checkStructure(node: TreeNode, structure: TreeNode | undefined): void {
  if (!structure) return;
  if (structure.kind === 'Function' && !['tuple', 'array'].includes(structure.name.toLowerCase()))
    throw refusal(`the first argument of \`${node.name}\` is computed`);
  if (structure.kind !== 'Literal' || !structure.name.startsWith("'")) return;
  const text = stringOf(structure);
  if (text === undefined || EXPRESSION_IN_STRUCTURE.test(text))
    throw refusal(`the columns of \`${node.name}\` have more than names and types`);
}

/** The engine's own databases, of which a reader sees reviewed tables only, and the one that is a view of the file system. */
export function isSystemDatabase(name: string): boolean {
  return ['system', 'default'].includes(name.toLowerCase());
}

/**
 * A bare name can be a function where a lambda is expected: `arrayMap(file, …)`, `* APPLY(file)`; there it looks like a column, and the tree
 * does not show what APPLY does.
 * @throws ClickHouseException ACCESS_DENIED
 */
export function checkBareNames(nodes: readonly TreeNode[], clauses: Clauses): void {
  const risky = nodes.some(
    ({ kind, name }) =>
      kind === 'ColumnsApplyTransformer' || (kind === 'Function' && HIGHER_ORDER.has(name.toLowerCase())),
  );
  if (!risky) return;
  const applies = nodes.some(({ kind }) => kind === 'ColumnsApplyTransformer');
  for (const [index, token] of clauses.tokens.entries()) {
    const name = nameOf(token);
    if (name === undefined) continue;
    if (isRefusedFunction(name)) throw refusal(`the function \`${name.toLowerCase()}\` reaches outside the database`);
    if (applies && clauses.tokens[index + 1]?.text === '(' && TABLE_REFUSED.has(name.toLowerCase()))
      throw refusal(`\`${name.toLowerCase()}\` reaches outside the database`);
  }
  for (const { kind, name } of nodes) {
    if (kind === 'Identifier' && isRefusedFunction(name))
      throw refusal(`the function \`${name}\` reaches outside the database`);
  }
}
