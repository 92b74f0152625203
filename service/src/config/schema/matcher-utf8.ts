import type { RawMatcher } from './matchers.ts';

/*
 * Matchers as Alertmanager has them since 0.27: names and values with any characters, in double quotes (with Go's escapes) where one
 * of them is reserved or a space; braces around all of them, and a comma at the end, may be there.
 * Source: Alertmanager documentation, "Configuration", "UTF-8 strict mode".
 */

const TOKEN = /\s*(?:([{},])|(=~|!~|!=|=)|("(?:[^"\\]|\\.)*")|([^\s{}!=~,\\"'`]+))/suy;
const ESCAPE = /\\(?:([abfnrtv\\"])|x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|.?)/gsu;
const CONTROL: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
};

type Token = { readonly kind: 'mark' | 'operator' | 'text'; readonly value: string };

/** @returns the matchers in a text, or `undefined` where it is not of this form */
export function parseUtf8Matchers(text: string): RawMatcher[] | undefined {
  const tokens = readTokens(text);
  if (!tokens) return undefined;
  const isMark = (token: Token | undefined, value: string): boolean => token?.kind === 'mark' && token.value === value;
  const opens = isMark(tokens[0], '{');
  if (opens !== (tokens.length > 0 && isMark(tokens.at(-1), '}'))) return undefined;
  const inner = opens ? tokens.slice(1, -1) : tokens;
  const matchers: RawMatcher[] = [];
  for (let at = 0; at < inner.length; at += 4) {
    const [name, op, value, comma] = inner.slice(at, at + 4);
    if (name?.kind !== 'text' || op?.kind !== 'operator' || value?.kind !== 'text') return undefined;
    if (comma && !isMark(comma, ',')) return undefined;
    matchers.push({ name: name.value, op: op.value as RawMatcher['op'], value: value.value });
  }
  return matchers;
}

function readTokens(text: string): Token[] | undefined {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < end;) {
    const [whole, mark, operator, quoted, plain] = TOKEN.exec(text) ?? [];
    if (whole === undefined) return undefined;
    const value = mark ?? operator ?? (quoted === undefined ? plain : unquote(quoted));
    if (value === undefined) return undefined;
    tokens.push({ kind: mark ? 'mark' : operator ? 'operator' : 'text', value });
  }
  return tokens;
}

/** Source: Go language specification, "String literals" (interpreted). */
function unquote(quoted: string): string | undefined {
  const inner = quoted.slice(1, -1);
  if (inner.includes('\n')) return undefined;
  let isSound = true;
  const text = inner.replaceAll(
    ESCAPE,
    (_, control?: string, hex?: string, octal?: string, short?: string, long?: string) => {
      if (control !== undefined) return CONTROL[control] ?? '';
      const digits = hex ?? short ?? long;
      const code = digits === undefined ? Number.parseInt(octal ?? '', 8) : Number.parseInt(digits, 16);
      // Bytes beyond ASCII would be parts of a character.
      const isCharacter = hex !== undefined || octal !== undefined ? code < 0x80 : code <= 0x10_ffff;
      if (isCharacter && !(code >= 0xd800 && code <= 0xdfff)) return String.fromCodePoint(code);
      isSound = false;
      return '';
    },
  );
  return isSound ? text : undefined;
}
