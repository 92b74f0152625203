/** A rule's query without its last filter. */
export interface Unfiltered {
  readonly sql: string;
  /** The number that the filter compared `value` with, where that is all it did. */
  readonly threshold: number | undefined;
}

/** Clauses that may follow HAVING. Source: ClickHouse documentation, "SELECT Query". */
const AFTER = new Set(['WINDOW', 'QUALIFY', 'ORDER', 'LIMIT', 'OFFSET', 'SETTINGS', 'FORMAT', 'INTO']);
const SETS = new Set(['UNION', 'INTERSECT', 'EXCEPT']);
const PIECE =
  /'(?:[^'\\]|\\[^]|'')*'|"(?:[^"\\]|\\[^])*"|`(?:[^`\\]|\\[^])*`|--[^\n]*|#[! ][^\n]*|\/\*[^]*?\*\/|[([{]|[)\]}]|[A-Za-z_]\w*|[^]/g;
const COMPARISON = /^\s*value\s*[<>]=?\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*$/i;

/**
 * The query without the HAVING of its outermost SELECT, so that it tells the value also where that is no reason for an alert. `undefined` where it has none, or
 * consists of several SELECTs: then it is not known what it would mean.
 */
export function withoutHaving(sql: string): Unfiltered | undefined {
  let depth = 0;
  let start: number | undefined;
  let end: number | undefined;
  for (const { 0: piece, index } of sql.matchAll(PIECE)) {
    if (/^[([{]$/.test(piece)) depth += 1;
    else if (/^[)\]}]$/.test(piece)) depth -= 1;
    if (depth > 0) continue;
    const word = piece.toUpperCase();
    if (SETS.has(word)) return undefined;
    if (word === 'HAVING') start = index;
    else if (start !== undefined && end === undefined && (AFTER.has(word) || piece === ';')) end = index;
  }
  if (start === undefined) return undefined;
  const filter = sql.slice(start + 'HAVING'.length, end).replace(/--[^\n]*/g, '');
  const threshold = COMPARISON.exec(filter)?.[1];
  return {
    sql: `${sql.slice(0, start)}\n${end === undefined ? '' : sql.slice(end)}`,
    threshold: threshold === undefined ? undefined : Number(threshold),
  };
}
