import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  type Node,
  Scalar,
  visit,
  type YAMLMap,
} from 'yaml';
import { keyText, pathOf } from './node-path.ts';
import type { NodeProblem } from './problem.ts';

const NO_VALUE = new Set(['', '~', 'null', 'Null', 'NULL']);

/** What the parser lets pass and a strict configuration does not. */
export interface Checked {
  readonly problems: readonly NodeProblem[];
  /** Every alias leads somewhere: the document can be read. */
  readonly isSound: boolean;
}

/**
 * Finds keys written twice, tags, and aliases that name nothing or themselves, and gives keys without a value the value `null`. Texts
 * are not quoted in the problems: a password that begins with `*` or `!` is an alias or a tag to YAML.
 */
export function checkNodes(document: Document.Parsed): Checked {
  const problems: NodeProblem[] = [];
  const anchors = new Set<string>();
  let isSound = true;
  visit(document, {
    Node(key, node, ancestors) {
      const found = [findTag(node, ancestors), isMap(node) ? findRepeatedKeys(node, ancestors) : []].flat();
      problems.push(...found.filter((problem) => problem !== undefined));
      if (isAlias(node)) {
        const bad = findBadAlias(node, ancestors, anchors);
        if (bad) problems.push(bad);
        isSound &&= bad === undefined;
      } else if (node.anchor !== undefined) anchors.add(node.anchor);
      if (key !== 'key' && isScalar(node) && isWithoutValue(node)) node.value = null;
    },
  });
  return { problems, isSound };
}

function isWithoutValue(node: Scalar): boolean {
  return node.type === Scalar.PLAIN && NO_VALUE.has(String(node.value));
}

function findTag(node: Node, ancestors: readonly unknown[]): NodeProblem | undefined {
  if (node.tag === undefined || node.tag.startsWith('tag:yaml.org,2002:')) return undefined;
  const path = pathOf(node, ancestors);
  return { node, path, expected: 'a value without a tag (a text that begins with ! needs quotes)', found: 'a tag' };
}

function findBadAlias(
  node: Alias,
  ancestors: readonly unknown[],
  anchors: ReadonlySet<string>,
): NodeProblem | undefined {
  const path = pathOf(node, ancestors);
  if (!anchors.has(node.source)) {
    const expected = 'an alias of an anchor above it (a text that begins with * needs quotes)';
    return { node, path, expected, found: 'an alias of nothing' };
  }
  const isInside = ancestors.some((entry) => isNode(entry) && 'anchor' in entry && entry.anchor === node.source);
  return isInside ? { node, path, expected: 'an alias of something else', found: 'an alias of itself' } : undefined;
}

function findRepeatedKeys(map: YAMLMap, ancestors: readonly unknown[]): NodeProblem[] {
  const seen = new Set<string>();
  return map.items.flatMap(({ key }) => {
    if (!isScalar(key)) return [];
    const name = keyText(key);
    const isRepeated = seen.has(name) && name !== '<<';
    seen.add(name);
    if (!isRepeated) return [];
    const path = [...pathOf(map, ancestors), name];
    return [{ node: key as Node, path, expected: 'each key once', found: `${JSON.stringify(name)} a second time` }];
  });
}
