import type { WaterfallRow } from '../../../../src/trace/contract-types.ts';

/** Which spans are shown. */
export interface Shown {
  /** Words of the name, the service or the id; empty for all. */
  readonly find: string;
  readonly only: 'all' | 'errors' | 'critical';
}

/** The index of the first row that is not below row `index`. */
export function endOfBranch(rows: readonly WaterfallRow[], index: number): number {
  const depth = rows[index]?.depth ?? 0;
  let end = index + 1;
  while (end < rows.length && (rows[end]?.depth ?? 0) > depth) end++;
  return end;
}

/** Whether a row has others below it. */
export function hasChildren(rows: readonly WaterfallRow[], index: number): boolean {
  return (rows[index + 1]?.depth ?? 0) > (rows[index]?.depth ?? 0);
}

/** The indexes of the rows that are shown: all but what is below a closed one, or where something is looked for, what is found, closed or not. */
export function visibleRows(
  rows: readonly WaterfallRow[],
  closed: ReadonlySet<number>,
  { find, only }: Shown,
): readonly number[] {
  const words = find.trim().toLowerCase();
  if (words !== '' || only !== 'all') {
    return [...rows.keys()].filter((index) => {
      const row = rows[index];
      return row !== undefined && isFound(row, words) && isOf(row, only);
    });
  }
  const visible: number[] = [];
  for (let index = 0; index < rows.length;) {
    visible.push(index);
    index = closed.has(index) ? endOfBranch(rows, index) : index + 1;
  }
  return visible;
}

function isFound({ span }: WaterfallRow, words: string): boolean {
  return (
    words === '' ||
    span.name.toLowerCase().includes(words) ||
    span.service.toLowerCase().includes(words) ||
    span.span_id === words
  );
}

function isOf({ span, critical }: WaterfallRow, only: Shown['only']): boolean {
  return only === 'all' || (only === 'errors' ? span.status === 'Error' : critical !== undefined);
}

/** How a row is named in the URL: by its span's id, or where that is not one span's alone, with its begin. */
export function nameRow(rows: readonly WaterfallRow[], index: number): string {
  const span = rows[index]?.span;
  if (!span) return '';
  const isFirst = span.span_id !== '' && findRow(rows, span.span_id) === index;
  return isFirst ? span.span_id : `${span.span_id}@${span.start_ns}`;
}

/** The row that a name in the URL means; `undefined` where there is none. */
export function findRow(rows: readonly WaterfallRow[], name: string | null): number | undefined {
  if (name === null || name === '') return undefined;
  const index = rows.findIndex(({ span }) => span.span_id === name || `${span.span_id}@${span.start_ns}` === name);
  return index === -1 ? undefined : index;
}
