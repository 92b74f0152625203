import {
  type Document,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  visit,
} from 'yaml';

/** One thing wrong in a configuration file. `line` counts from 1. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  /** Where in the document, as `monitors[0].interval`; empty for the whole. */
  readonly path: string;
  readonly expected: string;
  readonly found: string;
}

/** A parsed YAML file with its environment references filled in, and the way back from a path to a line. */
export interface SourceDocument {
  readonly file: string;
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** It is not YAML: `value` says nothing. */
  readonly isBroken: boolean;
  /** The line of the node at the path, or of its nearest ancestor that exists. */
  lineOf(path: readonly PropertyKey[], key?: string): number;
  /** True where the value is missing because a variable of the environment is: `problems` says so already. */
  isUnfilled(path: readonly PropertyKey[]): boolean;
  /** What stands at the path, as written: environment references are not filled in, so no secret shows. */
  foundAt(path: readonly PropertyKey[]): string;
}

const REFERENCE = /\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;
const SECRET_KEY = /pass|secret|token|api_?key|api_url|authorization/i;

/** `['monitors', 0, 'http']` → `monitors[0].http`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((part, at) => (typeof part === 'number' ? `[${part}]` : at === 0 ? String(part) : `.${String(part)}`))
    .join('');
}

/**
 * Parses YAML text and fills in `${NAME}` and `${NAME:-default}` in every scalar (`$$` is a dollar sign). A scalar
 * written without quotes is read again after filling in, so `${PORT:-4318}` becomes a number. Without `env` the text
 * stays as it is.
 */
export function readDocument(
  file: string,
  source: string,
  env: Readonly<Record<string, string | undefined>> | undefined,
): SourceDocument {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const problems: Problem[] = document.errors.map((error) => ({
    file,
    line: lines.linePos(error.pos[0]).line,
    path: '',
    expected: 'valid YAML',
    found: error.message,
  }));
  const lineAt = (node: unknown): number | undefined =>
    isNode(node) && node.range ? lines.linePos(node.range[0]).line : undefined;
  const written = new Map<Node, string>();
  const unfilled = new Set<Node>();
  if (problems.length === 0 && env) {
    visit(document, {
      Scalar(key, node, ancestors) {
        if (key === 'key' || typeof node.value !== 'string' || !node.value.includes('$')) return;
        const missing = fillScalar(node, written, env);
        if (missing.length > 0) unfilled.add(node);
        for (const name of missing) {
          const expected = `the environment variable ${name} to be set (or a default: \${${name}:-…})`;
          const path = formatPath(pathOf(node, ancestors));
          problems.push({ file, line: lineAt(node) ?? 1, path, expected, found: 'it is not set' });
        }
      },
    });
  }
  return {
    file,
    value: document.errors.length === 0 ? (document.toJS() ?? {}) : {},
    problems,
    isBroken: document.errors.length > 0,
    isUnfilled: (path) => unfilled.has(document.getIn(path, true) as Node),
    lineOf: (path, key) => lineOf(document, path, key, lineAt),
    foundAt: (path) => foundAt(document, path, written),
  };
}

/** The path to a node from its ancestors, which are mappings, their pairs, and lists. */
function pathOf(node: Node, ancestors: readonly unknown[]): PropertyKey[] {
  const chain = [...ancestors, node];
  return chain.flatMap((entry, at): PropertyKey[] => {
    if (isPair(entry)) return [isScalar(entry.key) ? String(entry.key.value) : String(entry.key)];
    if (isSeq(entry)) return [entry.items.indexOf(chain[at + 1])];
    return [];
  });
}

function fillScalar(
  node: Scalar,
  written: Map<Node, string>,
  env: Readonly<Record<string, string | undefined>>,
): string[] {
  const source = String(node.value);
  const missing: string[] = [];
  const filled = source.replace(REFERENCE, (whole, name: string | undefined, fallback: string | undefined) => {
    if (whole === '$$') return '$';
    const value = env[name ?? ''];
    if (value !== undefined && (value !== '' || fallback === undefined)) return value;
    if (fallback !== undefined) return fallback;
    missing.push(name ?? '');
    return '';
  });
  if (filled === source) return missing;
  written.set(node, source);
  const plain = node.type === 'PLAIN';
  const reread: unknown = plain && /^[-+.\w]+$/.test(filled) ? parseDocument(filled).toJS() : filled;
  node.value = typeof reread === 'object' && reread !== null ? filled : reread;
  return missing;
}

function lineOf(
  document: Document.Parsed,
  path: readonly PropertyKey[],
  key: string | undefined,
  lineAt: (node: unknown) => number | undefined,
): number {
  const node = document.getIn(path, true);
  if (key !== undefined && isMap(node)) {
    const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
    const line = lineAt(pair?.key);
    if (line !== undefined) return line;
  }
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const line =
      lineAt(document.getIn(path.slice(0, depth), true)) ?? (depth === 0 ? lineAt(document.contents) : undefined);
    if (line !== undefined) return line;
  }
  return 1;
}

function foundAt(document: Document.Parsed, path: readonly PropertyKey[], written: ReadonlyMap<Node, string>): string {
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  if (node === undefined || node === null) return 'nothing';
  if (!isNode(node)) return JSON.stringify(node);
  if (isMap(node)) return 'a mapping';
  if (!isScalar(node)) return 'a list';
  if (SECRET_KEY.test(path.map(String).join('.'))) return written.get(node) ?? '(hidden)';
  return written.get(node) ?? JSON.stringify(node.value);
}
