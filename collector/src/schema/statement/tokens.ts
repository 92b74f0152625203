/** A piece of a statement that means something: no spaces, no comments. */
export interface Token {
  /** As written. */
  readonly text: string;
  /** Where it stands in the statement, in characters. */
  readonly start: number;
  readonly end: number;
  /** How many brackets are open around it. */
  readonly depth: number;
}

const PIECE =
  /(?<skipped>\s+|--[^\n]*|\/\*[\s\S]*?\*\/)|'(?:[^'\\]|\\[\s\S]|'')*'|`(?:[^`\\]|\\[\s\S])*`|"(?:[^"\\]|\\[\s\S])*"|[A-Za-z_]\w*|\d[\w.]*|[\s\S]/gy;

/** Cuts a statement of ClickHouse SQL into its tokens; an opening bracket and its closing one have the same depth. */
export function tokenize(sql: string): readonly Token[] {
  const tokens: Token[] = [];
  let depth = 0;
  for (const match of sql.matchAll(PIECE)) {
    if (match.groups?.['skipped'] !== undefined) continue;
    const [text] = match;
    if (')]}'.includes(text)) depth -= 1;
    tokens.push({ text, start: match.index, end: match.index + text.length, depth });
    if ('([{'.includes(text)) depth += 1;
  }
  return tokens;
}

/** Whether the token is this word, in any case. */
export function isWord(token: Token | undefined, word: string): boolean {
  return token?.text.toUpperCase() === word;
}

/** The name a token is, without its quotes; `undefined` for what is no identifier. */
export function identifierOf(token: Token | undefined): string | undefined {
  const match = /^(?:([A-Za-z_]\w*)|`([^`\\]+)`|"([^"\\]+)")$/.exec(token?.text ?? '');
  return match?.[1] ?? match?.[2] ?? match?.[3];
}
