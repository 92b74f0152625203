import { setImmediate as nextTurn } from 'node:timers/promises';

/** Entries that are worked on before other work gets its turn: a few milliseconds. */
const PORTION = 500;

/** Maps a long list, so that rules and notifications do not wait for all of it; `undefined` leaves an entry out. */
export async function mapInPortions<Entry, Result>(
  list: readonly Entry[],
  map: (entry: Entry) => Result | undefined,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let begin = 0; begin < list.length; begin += PORTION) {
    if (begin > 0) await nextTurn();
    for (const entry of list.slice(begin, begin + PORTION)) {
      const result = map(entry);
      if (result !== undefined) results.push(result);
    }
  }
  return results;
}
