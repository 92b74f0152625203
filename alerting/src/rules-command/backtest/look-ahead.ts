/**
 * Starts `work` for the next entries while the earlier ones are being used: the order stays, and at most `places` are under way.
 * @throws what `work` throws, when its turn comes
 */
export async function* lookAhead<Entry, Result>(
  entries: Iterable<Entry>,
  places: number,
  work: (entry: Entry) => Promise<Result>,
): AsyncGenerator<readonly [Entry, Result]> {
  const iterator = entries[Symbol.iterator]();
  const waiting: { readonly entry: Entry; readonly result: Promise<Result> }[] = [];
  const fill = (): void => {
    while (waiting.length < places) {
      const next = iterator.next();
      if (next.done) return;
      const result = work(next.value);
      // Its turn has not come: whoever awaits it then is told.
      result.catch(() => {});
      waiting.push({ entry: next.value, result });
    }
  };
  fill();
  for (let first = waiting.shift(); first; first = waiting.shift()) {
    const result = await first.result;
    fill();
    yield [first.entry, result];
  }
}
