import type { Reason, Verdict } from '../verdict.ts';

/** Reasons that are about this checker's network and machine, not about one monitor's configuration. */
const OWN_TROUBLE: ReadonlySet<Reason> = new Set([
  'dns_unavailable',
  'network_unreachable',
  'local_resources',
  'local_denied',
  'connectivity_lost',
]);

/**
 * Whether this checker can see at all: it is blind while the last attempts of most of its monitors, more than half, ended in its own
 * trouble, or none of its connectivity targets answers.
 */
export class Blindness {
  readonly #isOurs = new Map<string, boolean>();
  #ours = 0;
  #isCutOff = false;
  /** When it was last seen that the way out is lost, and that it is there. */
  #lostAtMs = -Infinity;
  #seenAtMs = -Infinity;

  /**
   * Takes note of the last attempt of a monitor, with its times on the monotonic clock. Attempts end in another order than they begin in: one that
   * began before the way out was lost, or was there again, says nothing of the time after.
   */
  record(name: string, { outcome, reason }: Verdict, startMs: number, endMs: number): void {
    this.forget(name);
    const isOurs = outcome === 'unknown' && OWN_TROUBLE.has(reason);
    this.#isOurs.set(name, isOurs);
    if (isOurs) this.#ours += 1;
    if (reason === 'connectivity_lost') {
      if (startMs < this.#seenAtMs) return;
      if (!this.#isCutOff) this.#lostAtMs = endMs;
      this.#isCutOff = true;
    } else if (outcome === 'up' || outcome === 'degraded') {
      if (startMs < this.#lostAtMs) return;
      this.#isCutOff = false;
      this.#seenAtMs = endMs;
    }
  }

  forget(name: string): void {
    if (this.#isOurs.get(name) === true) this.#ours -= 1;
    this.#isOurs.delete(name);
    if (this.#isOurs.size === 0) this.#isCutOff = false;
  }

  get isBlind(): boolean {
    return this.#ours > 0 && (this.#isCutOff || this.#ours * 2 > this.#isOurs.size);
  }
}
