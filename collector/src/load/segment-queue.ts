import type { SealedSegment } from '../journal/segment.ts';
import { SIGNALS, type Signal } from '../signal.ts';

interface SignalState {
  failures: number;
  resumeAtMs: number;
}

/**
 * Decides which segment a lane takes next: the oldest that no lane has, of a signal that is not waiting. After a failure
 * the whole signal waits, so its segments stay in order, and the other signals go on.
 */
export class SegmentQueue {
  readonly #claimed = new Set<string>();
  readonly #signals = new Map<Signal, SignalState>(SIGNALS.map((signal) => [signal, { failures: 0, resumeAtMs: 0 }]));

  /** Takes the next segment, if there is one to take now. */
  claim(sealed: readonly SealedSegment[], now: number): SealedSegment | undefined {
    const next = sealed.find(({ name, signal }) => !this.#claimed.has(name) && this.#of(signal).resumeAtMs <= now);
    if (next) this.#claimed.add(next.name);
    return next;
  }

  /** The segment is done with. */
  succeed({ name, signal }: SealedSegment): void {
    this.#claimed.delete(name);
    Object.assign(this.#of(signal), { failures: 0, resumeAtMs: 0 });
  }

  /**
   * The segment goes back; its signal waits.
   * @param waitMs how long to wait after so many failures in a row
   * @returns the failures in a row
   */
  fail({ name, signal }: SealedSegment, now: number, waitMs: (failures: number) => number): number {
    this.#claimed.delete(name);
    const state = this.#of(signal);
    // Lanes that fail together are one failure.
    if (state.resumeAtMs <= now) {
      state.failures += 1;
      state.resumeAtMs = now + waitMs(state.failures);
    }
    return state.failures;
  }

  /** The first moment at which a waiting signal goes on; `undefined` while none waits. */
  nextResumeAtMs(now: number): number | undefined {
    const times = [...this.#signals.values()].map(({ resumeAtMs }) => resumeAtMs).filter((atMs) => atMs > now);
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  /** Segments that lanes hold now. */
  get claimedCount(): number {
    return this.#claimed.size;
  }

  #of(signal: Signal): SignalState {
    const state = this.#signals.get(signal);
    if (!state) throw new Error(`no signal ${signal}`);
    return state;
  }
}
