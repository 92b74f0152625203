/** How many failures are borne within the window, by whom they are. */
const LIMITS = { pair: 10, name: 50, address: 100 } as const;
/** Failures count for so long, in ms. */
export const WINDOW_MS = 15 * 60_000;
/** The most names and addresses remembered; the oldest go first. */
const REMEMBERED = 10_000;

interface Failures {
  count: number;
  /** Unix ms. */
  readonly sinceMs: number;
}

/**
 * Counts failed sign-ins: ten of an address for one name, fifty for a name from anywhere, a hundred of an address. Beyond that nobody is
 * asked for a quarter of an hour, counted from the first. Who is signed in stays so.
 */
export class SignInAttempts {
  readonly #failures = new Map<string, Failures>();

  /** How long to wait until the next attempt, in ms; 0: now. */
  waitMs(name: string, address: string, nowMs: number): number {
    const waits = keysOf(name, address).map(([key, limit]) => {
      const known = this.#failures.get(key);
      return known && known.count >= limit ? known.sinceMs + WINDOW_MS - nowMs : 0;
    });
    return Math.max(0, ...waits);
  }

  failed(name: string, address: string, nowMs: number): void {
    for (const [key] of keysOf(name, address)) {
      const known = this.#failures.get(key);
      if (known && nowMs - known.sinceMs < WINDOW_MS) known.count++;
      else {
        this.#failures.delete(key);
        this.#failures.set(key, { count: 1, sinceMs: nowMs });
      }
    }
    for (const oldest of this.#failures.keys()) {
      if (this.#failures.size <= REMEMBERED) break;
      this.#failures.delete(oldest);
    }
  }

  /** Who knows the password has not guessed it. */
  succeeded(name: string, address: string): void {
    this.#failures.delete(pairOf(name, address));
  }
}

function keysOf(name: string, address: string): readonly (readonly [key: string, limit: number])[] {
  return [
    [pairOf(name, address), LIMITS.pair],
    [`name ${name}`, LIMITS.name],
    [`address ${address}`, LIMITS.address],
  ];
}

function pairOf(name: string, address: string): string {
  return `pair ${address} ${name}`;
}
