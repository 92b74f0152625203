const FIRST_BACK_OFF_MS = 1_000;
const MOST_BACK_OFF_MS = 30_000;

interface Endpoint {
  failures: number;
  resumeAtMs: number;
}

/**
 * Decides which of several servers is asked. It stays with one for as long as that answers (what was just written is found there, and its
 * memory of inserted blocks is the freshest), and moves on when it fails. A server that failed is not chosen for 1 s, twice as long after each
 * further failure, up to 30 s; where all have failed, the one whose time is up first is asked all the same.
 */
export class EndpointRing {
  readonly #endpoints: readonly Endpoint[];
  #current: number;

  /** @param first where to begin, from 0: services begin at different servers, so that they share the load */
  constructor(count: number, first: number) {
    this.#endpoints = Array.from({ length: count }, () => ({ failures: 0, resumeAtMs: 0 }));
    this.#current = first % count;
  }

  /** All servers, the one to ask now first, then those that are most likely to answer. */
  inOrder(now: number): readonly number[] {
    const count = this.#endpoints.length;
    const waitMs = (index: number): number => Math.max(0, (this.#endpoints[index]?.resumeAtMs ?? 0) - now);
    return Array.from({ length: count }, (_, step) => (this.#current + step) % count).toSorted(
      (a, b) => waitMs(a) - waitMs(b),
    );
  }

  /** The server has answered: the next request goes there as well. */
  succeed(index: number): void {
    const endpoint = this.#endpoints[index];
    if (!endpoint) return;
    Object.assign(endpoint, { failures: 0, resumeAtMs: 0 });
    this.#current = index;
  }

  /** @returns how long the server is left alone, in milliseconds */
  fail(index: number, now: number): number {
    const endpoint = this.#endpoints[index];
    if (!endpoint) return 0;
    // What fails together with others that were under way is one failure.
    if (endpoint.resumeAtMs <= now) endpoint.failures += 1;
    const waitMs = Math.min(FIRST_BACK_OFF_MS * 2 ** Math.min(endpoint.failures - 1, 20), MOST_BACK_OFF_MS);
    endpoint.resumeAtMs = Math.max(endpoint.resumeAtMs, now + waitMs);
    return waitMs;
  }
}
