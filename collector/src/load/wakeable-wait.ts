/** The longest single wait: a guard against clocks that step. */
const LONGEST_MS = 1_000;

/** A wait of several that one call ends for all. */
export class WakeableWait {
  readonly #waiting = new Set<() => void>();

  /** Waits until `atMs` at most (both in milliseconds since the epoch), a second at most, or until `wake()`. */
  async until(atMs: number | undefined, now: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    const timer = setTimeout(resolve, Math.min(Math.max((atMs ?? Infinity) - now, 1), LONGEST_MS));
    await promise;
    clearTimeout(timer);
    this.#waiting.delete(resolve);
  }

  wake(): void {
    for (const resolve of this.#waiting) resolve();
  }
}
