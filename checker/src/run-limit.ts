import type { CancelTimer, Clock } from './clock.ts';
import type { Stalls } from './stalls.ts';

/** What limits a run. */
export interface RunLimitOptions {
  readonly clock: Clock;
  readonly stalls: Stalls;
  readonly timeoutMs: number;
  /** Ends the run early. */
  readonly signal: AbortSignal;
}

/**
 * The time limit of one run. Time for which the checker itself stood still is given back to the target once: what it sent meanwhile
 * waits unread, and a timer that is overdue is called before anything is read.
 */
export class RunLimit {
  readonly #options: RunLimitOptions;
  readonly #abort = new AbortController();
  readonly #startMs: number;
  readonly #stalledBeforeMs: number;
  #cancelTimer: CancelTimer;

  constructor(options: RunLimitOptions) {
    const { clock, stalls, timeoutMs, signal } = options;
    this.#options = options;
    this.#startMs = clock.monotonicMs();
    this.#stalledBeforeMs = stalls.totalMs();
    this.#cancelTimer = clock.after(timeoutMs, this.#onTime);
    signal.addEventListener('abort', this.#stop, { once: true });
    if (signal.aborted) this.#stop();
  }

  /** Aborted when the time is up or the run is no longer wanted. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** For how many milliseconds of the run the checker itself stood still. */
  stalledMs(): number {
    return this.#options.stalls.totalMs() - this.#stalledBeforeMs;
  }

  /** The run has ended. */
  end(): void {
    this.#cancelTimer();
    this.#options.signal.removeEventListener('abort', this.#stop);
  }

  readonly #stop = (): void => this.#abort.abort();

  readonly #onTime = (): void => {
    const { clock, timeoutMs } = this.#options;
    const leftMs = timeoutMs - (clock.monotonicMs() - this.#startMs - this.stalledMs());
    if (leftMs <= 0) this.#stop();
    else this.#cancelTimer = clock.after(Math.min(leftMs, timeoutMs), this.#stop);
  };
}
