/** Cancels a timer. Calling it twice, or after the timer fired, does nothing. */
export type CancelTimer = () => void;

/** Where the checker's time comes from; tests bring their own. */
export interface Clock {
  /** The time of day in milliseconds since the Unix epoch. It may step in either direction. */
  wallMs(): number;
  /** Milliseconds from a fixed but unknown point. Never steps; what durations and intervals are measured by. */
  monotonicMs(): number;
  /** Calls `run` once, about `delayMs` from now; it may be a little early or very late. */
  after(delayMs: number, run: () => void): CancelTimer;
}

/** The clock of this machine. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, run) {
    // Rounded up, for Node cuts fractions off and would wake a moment too early, for nothing.
    const timer = setTimeout(run, Math.ceil(Math.max(0, delayMs)));
    return () => clearTimeout(timer);
  },
};
