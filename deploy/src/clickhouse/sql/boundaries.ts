import { lex } from './lexer.ts';
import { refusal } from './refusal.ts';

const MARKED = new Set(['StringLiteral', 'HereDoc', 'QuotedIdentifier', 'Semicolon']);

/**
 * This server cuts statements at places that its own lexer finds (`statement.ts`). Where that lexer takes something for a literal, a name in quotes or a
 * semicolon and the engine does not, or the other way round, a cut could fall inside one and what is run would not be what was judged.
 * @param engineTokens `[(start,end,'Kind'), …]`, in bytes, as the function `tokenizeQuery` tells them
 * @throws ClickHouseException ACCESS_DENIED where the two do not agree
 */
export function checkBoundaries(statement: string, engineTokens: string): void {
  const source = Buffer.from(statement).toString('latin1');
  const ours = [...lex(source)]
    .filter(({ kind, text }) => kind === 'string' || kind === 'quoted' || text === ';')
    .map(({ start, end }) => `${start}-${end}`);
  const theirs = [...engineTokens.matchAll(/\((\d+),(\d+),'(\w+)'\)/g)]
    .filter(([, , , kind]) => kind !== undefined && MARKED.has(kind))
    .map(([, start, end]) => `${start}-${end}`);
  if (ours.length !== theirs.length || ours.some((place, index) => place !== theirs[index]))
    throw refusal('it is not clear where its literals begin and end');
}
