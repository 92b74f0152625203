import { setImmediate as turnOfLoop } from 'node:timers/promises';

/** Entries that are worked on before other work gets its turn: some milliseconds. */
const PORTION = 100;

/** Large answers take their turns one after the other: in one turn of the loop one of them works, however many are under way. */
let lastTurn: Promise<unknown> = Promise.resolve();
function nextTurn(): Promise<void> {
  const turn = lastTurn.then(() => turnOfLoop());
  lastTurn = turn;
  return turn;
}

/** An answer in JSON that is written piece by piece: it is never whole in memory, and other work gets its turn in between. */
export class JsonPieces {
  readonly pieces: AsyncIterable<string>;

  constructor(pieces: AsyncIterable<string>) {
    this.pieces = pieces;
  }
}

/** Reads a long list page by page; rules and notifications get their turn between two pages. @param page the next `limit` entries after one */
export async function* inPages<Entry>(
  page: (last: Entry | undefined, limit: number) => readonly Entry[],
): AsyncGenerator<readonly Entry[]> {
  for (let last: Entry | undefined; ;) {
    const entries = page(last, PORTION);
    if (entries.length > 0) yield entries;
    if (entries.length < PORTION) return;
    last = entries.at(-1);
    await nextTurn();
  }
}

/** For many short lists: call it with the entries of each. Other work gets its turn when they are as many as a page. */
export function turnAfterEach(): (entries: number) => Promise<void> | undefined {
  let since = 0;
  return (entries) => {
    since += entries;
    if (since < PORTION) return undefined;
    since = 0;
    return nextTurn();
  };
}

/** A list that is in memory, as pages. */
export function pagesOf<Entry>(list: readonly Entry[]): AsyncGenerator<readonly Entry[]> {
  let from = 0;
  return inPages((_, limit) => list.slice(from, (from += limit)));
}

/** A JSON array of what pages are shown as; `undefined` leaves an entry out. */
export async function* jsonArray<Entry>(
  pages: AsyncIterable<readonly Entry[]>,
  show: (entry: Entry) => object | undefined,
): AsyncGenerator<string> {
  yield '[';
  yield* jsonEntries(pages, show);
  yield ']';
}

/** The same without brackets; nothing at all where every entry is left out. */
export async function* jsonEntries<Entry>(
  pages: AsyncIterable<readonly Entry[]>,
  show: (entry: Entry) => object | undefined,
): AsyncGenerator<string> {
  let isFirst = true;
  for await (const page of pages) {
    let piece = '';
    for (const entry of page) {
      const shown = show(entry);
      if (shown === undefined) continue;
      piece += (isFirst ? '' : ',') + JSON.stringify(shown);
      isFirst = false;
    }
    if (piece !== '') yield piece;
  }
}
