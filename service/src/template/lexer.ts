/** Something wrong in a template or in what it was asked to do. In a message it becomes text, never a lost alert. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  readonly code = 'TOCSIN_TEMPLATE';
}

/** A piece of an action. Whole numbers are `bigint`, as Go tells int from float. */
export type Token =
  | { readonly type: 'literal'; readonly value: string | number | bigint | boolean | undefined }
  | { readonly type: 'variable' | 'word'; readonly name: string }
  /** `joined`: it stands directly behind what it is a field of. */
  | { readonly type: 'field'; readonly name: string; readonly joined: boolean }
  | { readonly type: 'symbol'; readonly name: '|' | '(' | ')' | ':=' | '=' | ',' };

/** A template in a row: text, and actions as tokens. */
export type Segment =
  { readonly type: 'text'; readonly text: string } | { readonly type: 'action'; readonly tokens: readonly Token[] };

const COMMENT = /^\{\{(- )?\/\*[\s\S]*?\*\/( -)?\}\}/;
const PIECE =
  /\s+|"(?:[^"\\\n]|\\.)*"|`[^`]*`|:=|[|(),=]|[-+]?(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)(?![\w.])|\$\w*|\.(?:[A-Za-z_]\w*)?|[A-Za-z_]\w*/y;
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '"': '"',
  '\\': '\\',
  a: '\u0007',
  b: '\b',
  f: '\f',
  v: '\v',
};

/**
 * Splits a template of Go's text/template language; `{{-` and `-}}` trim the white space beside them.
 * @throws TemplateError where an action does not end or has a character that means nothing
 */
export function lexTemplate(source: string): Segment[] {
  const segments: Segment[] = [];
  let at = 0;
  let trimNext = false;
  while (at < source.length) {
    const open = source.indexOf('{{', at);
    const text = open === -1 ? source.slice(at) : source.slice(at, open);
    const trimEnd = open !== -1 && /^\{\{-\s/.test(source.slice(open, open + 4));
    const kept = trimText(text, trimNext, trimEnd);
    if (kept !== '') segments.push({ type: 'text', text: kept });
    if (open === -1) break;
    const comment = COMMENT.exec(source.slice(open));
    if (comment) {
      trimNext = comment[2] !== undefined;
      at = open + comment[0].length;
      continue;
    }
    const action = lexAction(source, open + (trimEnd ? 3 : 2));
    segments.push({ type: 'action', tokens: action.tokens });
    trimNext = action.trimAfter;
    at = action.end;
  }
  return segments;
}

function trimText(text: string, start: boolean, end: boolean): string {
  const cut = start ? text.trimStart() : text;
  return end ? cut.trimEnd() : cut;
}

function lexAction(source: string, start: number): { tokens: Token[]; end: number; trimAfter: boolean } {
  const tokens: Token[] = [];
  let at = start;
  let spaced = true;
  for (;;) {
    if (source.startsWith('}}', at)) return { tokens, end: at + 2, trimAfter: false };
    const closing = /^\s-\}\}/.exec(source.slice(at, at + 4));
    if (closing) return { tokens, end: at + 4, trimAfter: true };
    if (at >= source.length) throw new TemplateError('unclosed action');
    PIECE.lastIndex = at;
    const piece = PIECE.exec(source)?.[0];
    if (piece === undefined) throw new TemplateError(`unexpected ${JSON.stringify(source[at])} in an action`);
    at += piece.length;
    if (piece.trim() !== '') tokens.push(toToken(piece, !spaced));
    spaced = piece.trim() === '' || piece === '(' || piece === '|';
  }
}

function toToken(piece: string, joined: boolean): Token {
  const first = piece[0] ?? '';
  if (first === '"') return { type: 'literal', value: unquote(piece.slice(1, -1)) };
  if (first === '`') return { type: 'literal', value: piece.slice(1, -1) };
  if (/^[-+]?\.?\d/.test(piece)) return { type: 'literal', value: toNumber(piece) };
  if (first === '$') return { type: 'variable', name: piece.slice(1) };
  if (first === '.') return { type: 'field', name: piece.slice(1), joined };
  if (piece === 'true' || piece === 'false') return { type: 'literal', value: piece === 'true' };
  if (piece === 'nil') return { type: 'literal', value: undefined };
  if (piece === '|' || piece === '(' || piece === ')' || piece === ':=' || piece === '=' || piece === ',')
    return { type: 'symbol', name: piece };
  return { type: 'word', name: piece };
}

function toNumber(piece: string): number | bigint {
  const digits = piece.replace(/^[-+]/, '');
  if (!/^(?:0[xX][0-9a-fA-F]+|\d+)$/.test(digits)) return Number(piece);
  return piece.startsWith('-') ? -BigInt(digits) : BigInt(digits);
}

function unquote(inner: string): string {
  return inner.replace(/\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)/g, (_, code: string) => {
    if (code.length > 1) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    const char = ESCAPES[code];
    if (char === undefined) throw new TemplateError(`unknown escape \\${code} in a string`);
    return char;
  });
}
