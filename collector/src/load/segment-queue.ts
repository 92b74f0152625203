import type { SealedSegment } from '../journal/segment.ts';
import { SIGNALS, type Signal } from '../signal.ts';

interface SignalState {
  failures: number;
  resumeAtMs: number;
  /** Segments that succeeded, ever. */
  successes: number;
}

/** What is known of a segment that has failed. */
interface SegmentState {
  attempts: number;
  /** Failures since which another segment of the signal has succeeded: this one is at fault. */
  blames: number;
  /** The signal's successes at the last failure. */
  successesSeen: number;
  resumeAtMs: number;
}

const FIRST_BLAME_MS = 1_000;
const MOST_BLAME_MS = 300_000;

/**
 * Decides which segment a lane takes next: of a signal that is not waiting the one that failed least often, and of those the
 * oldest that no lane has. After a failure the whole signal waits and the other signals go on. A segment that fails while
 * others of its signal succeed waits alone, longer each time up to five minutes, so that it cannot hold them up.
 */
export class SegmentQueue {
  readonly #claimed = new Set<string>();
  readonly #signals = new Map<Signal, SignalState>(
    SIGNALS.map((signal) => [signal, { failures: 0, resumeAtMs: 0, successes: 0 }]),
  );
  readonly #failed = new Map<string, SegmentState>();

  /** Takes the next segment, if there is one to take now. */
  claim(sealed: readonly SealedSegment[], now: number): SealedSegment | undefined {
    let next: SealedSegment | undefined;
    let attempts = Infinity;
    for (const segment of sealed) {
      const { name, signal } = segment;
      const failed = this.#failed.get(name);
      if ((failed?.attempts ?? 0) >= attempts || this.#claimed.has(name)) continue;
      if (this.#of(signal).resumeAtMs > now || (failed?.resumeAtMs ?? 0) > now) continue;
      next = segment;
      attempts = failed?.attempts ?? 0;
      if (attempts === 0) break;
    }
    if (next) this.#claimed.add(next.name);
    return next;
  }

  /** The segment is done with. */
  succeed({ name, signal }: SealedSegment): void {
    this.#claimed.delete(name);
    this.#failed.delete(name);
    const state = this.#of(signal);
    Object.assign(state, { failures: 0, resumeAtMs: 0, successes: state.successes + 1 });
  }

  /**
   * The segment goes back; its signal waits.
   * @param isAnswered whether ClickHouse was there and refused: only then it may be the segment
   * @param waitMs how long to wait after so many failures in a row
   * @returns the failures in a row
   */
  fail(
    { name, signal }: SealedSegment,
    now: number,
    isAnswered: boolean,
    waitMs: (failures: number) => number,
  ): number {
    this.#claimed.delete(name);
    const state = this.#of(signal);
    if (isAnswered) this.#blame(name, state.successes, now);
    // Lanes that fail together are one failure.
    if (state.resumeAtMs <= now) {
      state.failures += 1;
      state.resumeAtMs = now + waitMs(state.failures);
    }
    return state.failures;
  }

  /** The segment goes back and waits alone: it is no fault of ClickHouse's and no other segment's business. */
  hold({ name, signal }: SealedSegment, now: number, waitMs: number): void {
    this.#claimed.delete(name);
    const attempts = (this.#failed.get(name)?.attempts ?? 0) + 1;
    const successesSeen = this.#of(signal).successes;
    this.#failed.set(name, { attempts, blames: 0, successesSeen, resumeAtMs: now + waitMs });
  }

  /** The first moment at which a waiting signal or segment goes on; `undefined` while none waits. */
  nextResumeAtMs(now: number): number | undefined {
    const states = [...this.#signals.values(), ...this.#failed.values()];
    const times = states.map(({ resumeAtMs }) => resumeAtMs).filter((atMs) => atMs > now);
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  /** Segments that lanes hold now. */
  get claimedCount(): number {
    return this.#claimed.size;
  }

  #blame(name: string, successes: number, now: number): void {
    const before = this.#failed.get(name);
    const blames = (before?.blames ?? 0) + (before && successes > before.successesSeen ? 1 : 0);
    this.#failed.set(name, {
      attempts: (before?.attempts ?? 0) + 1,
      blames,
      successesSeen: successes,
      resumeAtMs: blames === 0 ? 0 : now + Math.min(FIRST_BLAME_MS * 2 ** blames, MOST_BLAME_MS),
    });
  }

  #of(signal: Signal): SignalState {
    const state = this.#signals.get(signal);
    if (!state) throw new Error(`no signal ${signal}`);
    return state;
  }
}
