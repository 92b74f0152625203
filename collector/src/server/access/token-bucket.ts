/**
 * So much a second, as much again at once. What is taken may be more than is there, since the size of a request is known only when it has
 * been read: then the next one waits until the debt is paid. Time is the caller's, in milliseconds.
 */
export class TokenBucket {
  readonly #perSecond: number;
  #tokens: number;
  #filledMs: number;

  constructor(perSecond: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
    this.#filledMs = nowMs;
  }

  /** Milliseconds until a request of any size may come; 0 now. */
  waitMs(nowMs: number): number {
    this.#fill(nowMs);
    if (this.#tokens > 0) return 0;
    if (this.#perSecond === 0) return Infinity;
    return Math.floor((-this.#tokens / this.#perSecond) * 1_000) + 1;
  }

  take(count: number, nowMs: number): void {
    this.#fill(nowMs);
    this.#tokens -= count;
  }

  /** A clock that goes back fills nothing. */
  #fill(nowMs: number): void {
    const passedMs = Math.max(0, nowMs - this.#filledMs);
    this.#filledMs = nowMs;
    this.#tokens = Math.min(this.#perSecond, this.#tokens + (passedMs / 1_000) * this.#perSecond);
  }
}
