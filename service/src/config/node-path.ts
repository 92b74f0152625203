import { isPair, isScalar, isSeq, type Node } from 'yaml';

/** The text of a mapping's key. That of a merge is a symbol to the parser. */
export function keyText(key: unknown): string {
  if (!isScalar(key)) return String(key);
  return typeof key.value === 'symbol' ? '<<' : String(key.value);
}

/** The path to a node from its ancestors, which are mappings, their pairs, and lists. */
export function pathOf(node: Node, ancestors: readonly unknown[]): PropertyKey[] {
  return ancestors.flatMap((entry, at): PropertyKey[] => {
    if (isPair(entry)) return [keyText(entry.key)];
    if (isSeq(entry)) return [entry.items.indexOf(ancestors[at + 1] ?? node)];
    return [];
  });
}
