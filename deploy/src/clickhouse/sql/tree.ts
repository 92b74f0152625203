import { ClickHouseException } from '../exception.ts';

/** A node of a statement's parsed tree, as `EXPLAIN AST` prints it. */
export interface TreeNode {
  /** `Function`, `TableIdentifier`, `SelectQuery` … */
  readonly kind: string;
  /** What follows the kind, without the alias and the count of children. */
  readonly name: string;
  /** `… AS alias`. */
  readonly alias: string | undefined;
  readonly parent: TreeNode | undefined;
  readonly children: readonly TreeNode[];
}

/** Kinds that are two words. */
const TWO_WORDS =
  /^(Columns definition|Storage definition|Dictionary definition|Dictionary lifetime|Dictionary layout)/;
const KIND = /^[A-Za-z][A-Za-z0-9_:]*/;

/**
 * Reads the text of `EXPLAIN AST`. A name with a line break in it would make lines of its own, so it is refused.
 * @returns the root
 */
export function readTree(text: string): TreeNode {
  const open: (TreeNode & { children: TreeNode[] })[] = [];
  let root: TreeNode | undefined;
  for (const line of text.split(/\r?\n/)) {
    if (line === '') continue;
    const depth = line.length - line.trimStart().length;
    const rest = line.slice(depth);
    const kind = TWO_WORDS.exec(rest)?.[0] ?? KIND.exec(rest)?.[0];
    const parent = open[depth - 1];
    if (kind === undefined || depth > open.length || (depth === 0) !== (root === undefined)) throw unreadable();
    const said = rest.slice(kind.length).replace(/ \(children \d+\)$/, '');
    const [, before = said, alias] = /^(.*?) \(alias (.*)\)$/s.exec(said) ?? [];
    const name = before.trim();
    const node = { kind, name, alias, parent, children: [] as TreeNode[] };
    (parent?.children as TreeNode[] | undefined)?.push(node);
    open.length = depth;
    open.push(node);
    root ??= node;
  }
  if (!root) throw unreadable();
  return root;
}

/** The node and all below it. */
export function* nodesOf(node: TreeNode): Generator<TreeNode> {
  yield node;
  for (const child of node.children) yield* nodesOf(child);
}

/** The arguments of a function's node. */
export function argumentsOf(node: TreeNode): readonly TreeNode[] {
  return node.children.find(({ kind }) => kind === 'ExpressionList')?.children ?? [];
}

/** The text of a `Literal` that is a string, its escapes still in it; `undefined` for any other. */
export function stringOf(node: TreeNode | undefined): string | undefined {
  return node?.kind === 'Literal' ? /^'(.*)'$/s.exec(node.name)?.[1] : undefined;
}

function unreadable(): ClickHouseException {
  return ClickHouseException.of('ACCESS_DENIED', 'Refused: a name in this statement has a line break or is no name.');
}
