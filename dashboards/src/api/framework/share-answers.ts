/** How answers are shared. */
export interface Sharing<Input> {
  /** Askers with the same key get the same. */
  readonly keyOf: (input: Input) => string;
  /** How long an answer is given to everyone who asks, in ms. */
  readonly freshMs: number;
  /** Unix ms. */
  readonly now: () => number;
  /** The most different answers kept; the oldest goes first. */
  readonly limit?: number;
}

interface Kept<Value> {
  readonly startedMs: number;
  readonly answer: Promise<Value>;
  isSettled: boolean;
}

const LIMIT = 100;

/**
 * One answer for all who ask the same: while it is being made, and so long after. However many pages are open, ClickHouse is asked once.
 * A failure is not kept.
 */
export function shareAnswers<Input, Value>(
  load: (input: Input) => Promise<Value>,
  { keyOf, freshMs, now, limit = LIMIT }: Sharing<Input>,
): (input: Input) => Promise<Value> {
  const kept = new Map<string, Kept<Value>>();
  return (input) => {
    const key = keyOf(input);
    const known = kept.get(key);
    const ageMs = known ? now() - known.startedMs : 0;
    if (known && (!known.isSettled || (ageMs >= 0 && ageMs < freshMs))) return known.answer;
    const entry: Kept<Value> = { startedMs: now(), answer: load(input), isSettled: false };
    kept.delete(key);
    kept.set(key, entry);
    for (const oldest of kept.keys()) {
      if (kept.size <= limit) break;
      kept.delete(oldest);
    }
    entry.answer.then(
      () => (entry.isSettled = true),
      () => {
        if (kept.get(key) === entry) kept.delete(key);
      },
    );
    return entry.answer;
  };
}
