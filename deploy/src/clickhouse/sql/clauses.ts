import { ClickHouseException } from '../exception.ts';
import { lex, type Token } from './lexer.ts';

/** One `name = value` of a SETTINGS clause or of SET; `value` as it is written. */
export interface SettingChange {
  readonly name: string;
  readonly value: string;
}

/** What the parsed tree leaves out, read from the statement as the engine's own formatter writes it: no comments, one way of quoting. */
export interface Clauses {
  readonly tokens: readonly Token[];
  /** One list for each SETTINGS clause and each SET. */
  readonly settings: readonly (readonly SettingChange[])[];
}

const OPENING = new Set(['(', '[', '{']);
/** What may follow the last setting of a clause. */
const AFTER_SETTINGS = new Set([
  'FORMAT',
  'INTO',
  'UNION',
  'EXCEPT',
  'INTERSECT',
  'AS',
  'COMMENT',
  'PARALLEL',
  'SELECT',
  'WITH',
  'VALUES',
]);

/** @param canonical the answer of `formatQuerySingleLine` */
export function readClauses(canonical: string): Clauses {
  const source = Buffer.from(canonical).toString('latin1');
  const tokens = [...lex(source)];
  const settings: SettingChange[][] = [];
  for (const [index, token] of tokens.entries()) {
    const opens = token.kind === 'word' && (token.text === 'SETTINGS' || (token.text === 'SET' && index === 0));
    if (opens && isAssignment(tokens, index + 1)) settings.push(readChanges(source, tokens, index + 1));
  }
  return { tokens, settings };
}

/** A word or a quoted name as it is meant; `undefined` for other tokens. */
export function nameOf(token: Token | undefined): string | undefined {
  if (token?.kind === 'word') return token.text;
  return token?.kind === 'quoted' ? token.text.slice(1, -1) : undefined;
}

function isAssignment(tokens: readonly Token[], index: number): boolean {
  return nameOf(tokens[index]) !== undefined && tokens[index + 1]?.text === '=';
}

function readChanges(source: string, tokens: readonly Token[], first: number): SettingChange[] {
  const changes: SettingChange[] = [];
  let at = first;
  while (isAssignment(tokens, at)) {
    const name = tokens[at];
    const depth = name?.depth ?? 0;
    const begin = at + 2;
    let end = begin;
    while (end < tokens.length && !endsValue(tokens, end, begin, depth)) end += 1;
    const value = source.slice(tokens[begin]?.start ?? source.length, tokens[end - 1]?.end ?? source.length);
    const written = name?.kind === 'word' ? source.slice(name.start, name.end) : (nameOf(name) ?? '');
    changes.push({ name: written, value });
    at = end;
    if (tokens[end]?.text !== ',') break;
    at += 1;
  }
  const next = tokens[at];
  // A list that is not understood to its end may hold what nobody has judged.
  const ended = !next || next.depth < (tokens[first]?.depth ?? 0) || AFTER_SETTINGS.has(next.text);
  if (!ended) throw ClickHouseException.of('ACCESS_DENIED', 'Refused: the list of settings cannot be read to its end.');
  return changes;
}

function endsValue(tokens: readonly Token[], at: number, begin: number, depth: number): boolean {
  const token = tokens[at];
  if (!token || token.depth < depth) return true;
  if (token.depth > depth || OPENING.has(token.text)) return false;
  if (token.text === ',') return true;
  return at > begin && token.kind === 'word' && AFTER_SETTINGS.has(token.text);
}
