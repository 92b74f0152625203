import { type Document, LineCounter, type Node, parseDocument, type YAMLError } from 'yaml';
import { fillEnvironment } from './environment.ts';
import { checkNodes } from './node-checks.ts';
import { createLookup, type Lookup } from './node-lookup.ts';
import type { Problem } from './problem.ts';
import type { References } from './secret-file.ts';

/** A parsed YAML file with its environment references filled in, and the way back from a path to a line. */
export interface SourceDocument extends Lookup {
  readonly file: string;
  /** `['monitors', 0, 'http']` → `monitors[0].http`. */
  readonly formatPath: (path: readonly PropertyKey[]) => string;
  /** Mappings, lists, and scalars as text: the schema says which are numbers, so `007` and `1e3` stay what was written. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** It is not YAML: `value` says nothing. */
  readonly isBroken: boolean;
}

/** `['monitors', 0, 'http']` → `monitors[0].http`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((part, at) => (typeof part === 'number' ? `[${part}]` : at === 0 ? String(part) : `.${String(part)}`))
    .join('');
}

/**
 * Parses YAML text (1.2, with merge keys) and fills in `${NAME}`, `${NAME:-default}` and `${file:PATH}` in every scalar (`$$` is a dollar
 * sign). Without `references` the text stays as it is.
 */
export function readDocument(file: string, source: string, references: References | undefined): SourceDocument {
  const lines = new LineCounter();
  const document = parseDocument(source, {
    lineCounter: lines,
    prettyErrors: false,
    schema: 'failsafe',
    merge: true,
    uniqueKeys: false,
    logLevel: 'error',
  });
  const problems = describeErrors(document.errors, file, source, lines);
  const isText = problems.length === 0;
  const checked = isText ? checkNodes(document) : { problems: [], isSound: false };
  const filled = fillEnvironment(document, checked.isSound ? references : undefined);
  const lineAt = (node: Node): number => lines.linePos(node.range?.[0] ?? 0).line;
  for (const { node, path, expected, found } of [...checked.problems, ...filled.problems])
    problems.push({ file, line: lineAt(node), path: formatPath(path), expected, found });

  const plain = checked.isSound ? toPlain(document) : undefined;
  if (plain?.status === 'failed') problems.push({ file, line: 1, path: '', ...plain.problem });
  return {
    file,
    formatPath,
    value: plain?.status === 'ok' ? (plain.value ?? {}) : {},
    problems,
    isBroken: plain?.status !== 'ok',
    ...createLookup(document, lineAt, filled),
  };
}

/** One a line: what follows a mistake on the same line follows from it. The parser's words, without the pieces of text it quotes. */
function describeErrors(errors: readonly YAMLError[], file: string, source: string, lines: LineCounter): Problem[] {
  const byLine = new Map<number, Problem>();
  for (const { code, message, pos } of errors) {
    const { line } = lines.linePos(pos[0]);
    const problem = { file, line, path: '' };
    if (byLine.has(line)) continue;
    if (code === 'MULTIPLE_DOCS') {
      byLine.set(line, { ...problem, expected: 'one document', found: 'another one after ---' });
      continue;
    }
    const found = message.replace(/ token in YAML stream: .*$/s, '').replace(/: ".*$/s, '');
    byLine.set(line, { ...problem, expected: `valid YAML${hintFor(source, lines, line)}`, found });
  }
  return [...byLine.values()];
}

/** `{ port: ${PORT} }`: in a flow collection the braces of the reference belong to YAML. */
function hintFor(source: string, lines: LineCounter, line: number): string {
  const text = source.slice(lines.lineStarts[line - 1], lines.lineStarts[line]);
  return /(?:[{,][^"'{},]*:|[[,])\s*\$\{/.test(text) ? ' (inside { } and [ ] a reference needs quotes: "${NAME}")' : '';
}

type Plain =
  | { readonly status: 'ok'; readonly value: unknown }
  | { readonly status: 'failed'; readonly problem: Pick<Problem, 'expected' | 'found'> };

function toPlain(document: Document.Parsed): Plain {
  try {
    return { status: 'ok', value: document.toJS() };
  } catch (error) {
    // How the parser says that aliases of aliases would grow without end.
    if (!(error instanceof ReferenceError)) throw error;
    return { status: 'failed', problem: { expected: 'aliases that do not multiply', found: 'too many of them' } };
  }
}
