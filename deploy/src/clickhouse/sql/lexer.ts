/** A token of ClickHouse SQL; `start` and `end` are byte offsets. Space and comments make no token. */
export interface Token {
  readonly kind: 'word' | 'quoted' | 'string' | 'punctuation';
  readonly start: number;
  readonly end: number;
  /** The word in upper case, the punctuation character, or the raw literal. */
  readonly text: string;
  /** Open brackets around the token. */
  readonly depth: number;
}

const SPACE = /[\s\0]/;
const WORD = /[A-Za-z0-9_]/;
const CURLY_SINGLE = ['\xe2\x80\x98', '\xe2\x80\x99'] as const;
const CURLY_DOUBLE = ['\xe2\x80\x9c', '\xe2\x80\x9d'] as const;

/**
 * Cuts a statement into tokens one by one, as ClickHouse's lexer does (src/Parsers/Lexer.cpp), so that a caller can stop where
 * the data of an INSERT begins.
 * @param source the statement's bytes decoded as `latin1`, so that an index is a byte offset
 */
export function* lex(source: string): Generator<Token> {
  let depth = 0;
  let at = 0;
  while (at < source.length) {
    const next = skipBlank(source, at);
    if (next !== at) {
      at = next;
      continue;
    }
    const start = at;
    const { kind, end } = readToken(source, start);
    const raw = source.slice(start, end);
    if (raw === ')' || raw === ']' || raw === '}') depth = Math.max(0, depth - 1);
    yield { kind, start, end, depth, text: kind === 'word' ? raw.toUpperCase() : raw };
    if (raw === '(' || raw === '[' || raw === '{') depth += 1;
    at = end;
  }
}

/** The index after white space or one comment at `at`, or `at` itself. */
function skipBlank(source: string, at: number): number {
  const char = source[at] ?? '';
  if (SPACE.test(char)) return at + 1;
  const two = source.slice(at, at + 2);
  if (two === '/*') return indexAfter(source, '*/', at + 2);
  if (two === '--' || two === '# ' || two === '#!') return indexAfter(source, '\n', at);
  return at;
}

function readToken(source: string, start: number): { kind: Token['kind']; end: number } {
  const char = source[start] ?? '';
  if (char === "'") return { kind: 'string', end: endOfQuoted(source, start) };
  if (char === '"' || char === '`') return { kind: 'quoted', end: endOfQuoted(source, start) };
  const three = source.slice(start, start + 3);
  if (three === CURLY_SINGLE[0]) return { kind: 'string', end: indexAfter(source, CURLY_SINGLE[1], start + 3) };
  if (three === CURLY_DOUBLE[0]) return { kind: 'quoted', end: indexAfter(source, CURLY_DOUBLE[1], start + 3) };
  if (char === '$') {
    const heredoc = /^\$\w*\$/.exec(source.slice(start, start + 128))?.[0];
    const close = heredoc === undefined ? -1 : source.indexOf(heredoc, start + heredoc.length);
    if (heredoc !== undefined && close !== -1) return { kind: 'string', end: close + heredoc.length };
  }
  if (!WORD.test(char)) return { kind: 'punctuation', end: start + 1 };
  let end = start + 1;
  while (end < source.length && (WORD.test(source[end] ?? '') || source[end] === '$')) end += 1;
  return { kind: 'word', end };
}

/** The index after a literal in quotes: a backslash escapes the next byte, a doubled quote is one quote. */
function endOfQuoted(source: string, start: number): number {
  const quote = source[start];
  let at = start + 1;
  while (at < source.length) {
    if (source[at] === '\\') at += 2;
    else if (source[at] !== quote) at += 1;
    else if (source[at + 1] === quote) at += 2;
    else return at + 1;
  }
  return source.length;
}

function indexAfter(source: string, what: string, from: number): number {
  const found = source.indexOf(what, from);
  return found === -1 ? source.length : found + what.length;
}
