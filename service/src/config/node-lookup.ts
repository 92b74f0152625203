import { type Document, isAlias, isMap, isNode, isPair, isScalar, isSeq, type Node, Scalar } from 'yaml';
import type { Filled } from './environment.ts';
import { keyText } from './node-path.ts';

const SECRET_KEY =
  /pass|bearer|secret|token|(?:api|routing|user)_?key|(?:api|webhook|proxy)_url|webhook_configs\.\d+\.url|credentials|tls_config\.key|exec_configs\.\d+\.env|authorization|headers\.|cookie|monitors\.\d+\.heartbeat$/i;
const LONGEST_SHOWN = 120;

/** The ways from a path back into the document. */
export interface Lookup {
  /** The line of the node at the path, or of its nearest ancestor that exists. */
  lineOf(path: readonly PropertyKey[], key?: string): number;
  /** True where the value is missing because a variable of the environment is: that is a problem of its own. */
  isUnfilled(path: readonly PropertyKey[]): boolean;
  /** What was filled in at the path and below it that is secret, each once. */
  secretsAt(path: readonly PropertyKey[]): readonly string[];
  /** What stands at the path, as written: environment references are not filled in, so no secret shows. */
  foundAt(path: readonly PropertyKey[]): string;
}

/** Makes the lookup of a document; it follows aliases and merge keys. */
export function createLookup(
  document: Document.Parsed,
  lineAt: (node: Node) => number,
  { written, unfilled, secrets }: Filled,
): Lookup {
  const nodeAt = (path: readonly PropertyKey[]): Node | undefined => {
    let node = resolve(document, document.contents ?? undefined);
    for (const part of path) node = resolve(document, childOf(document, node, part));
    return node;
  };
  return {
    isUnfilled(path) {
      const node = nodeAt(path);
      return node !== undefined && unfilled.has(node);
    },
    secretsAt(path) {
      const node = secrets.size === 0 ? undefined : nodeAt(path);
      return node === undefined ? [] : [...new Set(collect(document, node, secrets, new Set()))];
    },
    lineOf(path, key) {
      const map = key === undefined ? undefined : nodeAt(path);
      const pair = isMap(map) ? map.items.find((item) => keyText(item.key) === key) : undefined;
      if (isNode(pair?.key)) return lineAt(pair.key);
      return lineOfNearest(document, path, lineAt);
    },
    foundAt(path) {
      const node = nodeAt(path);
      if (node === undefined) return 'nothing';
      if (isMap(node)) return 'a mapping';
      if (!isScalar(node)) return 'a list';
      if (node.value === null) return 'no value';
      const reference = written.get(node);
      if (SECRET_KEY.test(path.map(String).join('.')) && !/^\$\{\w+\}$/.test(reference ?? '')) return '(hidden)';
      if (reference === undefined) return clip(showScalar(node));
      return node.value === '' ? `${reference}, which is empty` : clip(reference);
    },
  };
}

/** Lines are those of the file from top to bottom: an alias has the line where it stands, not that of its anchor. */
function lineOfNearest(
  document: Document.Parsed,
  path: readonly PropertyKey[],
  lineAt: (node: Node) => number,
): number {
  let node: Node | undefined = document.contents ?? undefined;
  let line = node ? lineAt(node) : 1;
  for (const part of path) {
    const child = childOf(document, resolve(document, node), part);
    if (!child) break;
    if (!isAlias(node)) line = lineAt(child);
    if (isAlias(child)) break;
    node = child;
  }
  return line;
}

function resolve(document: Document.Parsed, node: Node | undefined): Node | undefined {
  return isAlias(node) ? node.resolve(document) : node;
}

/** What is known of a node and of all that it is made of, aliases and merged mappings too. */
function collect(
  document: Document.Parsed,
  node: Node,
  known: ReadonlyMap<Node, readonly string[]>,
  seen: Set<Node>,
): string[] {
  const real = resolve(document, node);
  if (real === undefined || seen.has(real)) return [];
  seen.add(real);
  if (isScalar(real)) return [...(known.get(real) ?? [])];
  if (!isMap(real) && !isSeq(real)) return [];
  return real.items.flatMap((item) => {
    const inner = asNode(isPair(item) ? item.value : item);
    return inner === undefined ? [] : collect(document, inner, known, seen);
  });
}

function childOf(document: Document.Parsed, node: Node | undefined, part: PropertyKey): Node | undefined {
  if (isSeq(node)) return asNode(node.items[Number(part)]);
  if (!isMap(node)) return undefined;
  const own = node.items.findLast((item) => isScalar(item.key) && item.key.value === part);
  if (own) return asNode(own.value);
  for (const { key, value } of node.items) {
    if (keyText(key) !== '<<') continue;
    const merged = resolve(document, asNode(value));
    for (const source of isSeq(merged) ? merged.items : [merged]) {
      const child = childOf(document, resolve(document, asNode(source)), part);
      if (child) return child;
    }
  }
  return undefined;
}

function asNode(value: unknown): Node | undefined {
  return isNode(value) ? value : undefined;
}

/** Numbers and switches as they are, everything else in quotes; what a URL carries of secrets does not show. */
function showScalar({ type, value }: Scalar): string {
  const text = String(value);
  if (type === Scalar.PLAIN && /^(?:-?\d+(?:\.\d+)?|true|false)$/.test(text)) return text;
  const shown = text.replace(/\/\/[^/\s]*@/g, '//(hidden)@').replace(/^([^?\s]*:\/\/[^?\s]*)\?.*$/s, '$1?(hidden)');
  return JSON.stringify(shown);
}

function clip(text: string): string {
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}
