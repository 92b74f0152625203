import { parseSegmentName } from '../journal/segment-name.ts';

/** A statement that ClickHouse has not begun after this long begins no more: it waits in a queue, or in a socket nobody reads. */
export const BEGIN_LIMIT_MS = 60_000;
/** Clocks drift apart: ClickHouse is asked for its own now and then. */
const CLOCK_GOOD_MS = 300_000;

/** What a `SentStatements` is made of. */
export interface SentStatementsOptions {
  /** Asks ClickHouse for its clock, in milliseconds since the epoch. */
  readonly askClock: () => Promise<number>;
  /** The clock of this process, in milliseconds since the epoch. */
  readonly now?: () => number;
}

/**
 * Until when INSERTs that were sent may still begin. Each carries a time, by ClickHouse's own clock, after which it refuses to begin
 * (`insertStatement`). Once that has passed, an attempt without an answer is either running, which can be seen, or will never do anything.
 */
export class SentStatements {
  readonly #askClock: () => Promise<number>;
  readonly #now: () => number;
  readonly #startedAtMs: number;
  /** By token, of attempts that had no answer. */
  readonly #unanswered = new Map<string, number>();
  #clock: { readonly offsetMs: number; readonly readAtMs: number } | undefined;

  constructor({ askClock, now = Date.now }: SentStatementsOptions) {
    this.#askClock = askClock;
    this.#now = now;
    this.#startedAtMs = now();
  }

  /** @returns by when, of ClickHouse's clock, a statement that is sent now and may take so long has to begin. Throws where ClickHouse cannot be asked */
  async beginBy(limitMs: number): Promise<number> {
    const nowMs = this.#now();
    if (!this.#clock || nowMs - this.#clock.readAtMs > CLOCK_GOOD_MS) {
      const theirsMs = await this.#askClock();
      // The way of the question makes this too large by some milliseconds: they may begin later then, which is the safe side.
      this.#clock = { offsetMs: theirsMs - nowMs, readAtMs: this.#now() };
    }
    return Math.round(this.#now() + this.#clock.offsetMs + Math.min(limitMs, BEGIN_LIMIT_MS));
  }

  /** ClickHouse says that a statement came too late: its clock is not what it was taken for. */
  forgetClock(): void {
    this.#clock = undefined;
  }

  /** What became of an attempt is not known. */
  noteUnanswered(token: string, beginByMs: number): void {
    const nowMs = this.#now() + (this.#clock?.offsetMs ?? 0);
    for (const [other, untilMs] of this.#unanswered) if (untilMs < nowMs) this.#unanswered.delete(other);
    this.#unanswered.set(token, Math.max(beginByMs, this.#unanswered.get(token) ?? 0));
  }

  /** The moment, of ClickHouse's clock, from which nothing that was ever sent under the token begins any more; 0 where nothing is open. */
  openUntilMs(token: string): number {
    const [segment = ''] = token.split(':');
    const createdAtMs = parseSegmentName(segment)?.createdAtMs ?? 0;
    // An earlier process may have sent it just before it ended.
    const before =
      createdAtMs < this.#startedAtMs ? this.#startedAtMs + (this.#clock?.offsetMs ?? 0) + BEGIN_LIMIT_MS : 0;
    return Math.max(before, this.#unanswered.get(token) ?? 0);
  }
}
