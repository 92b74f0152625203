import type { CancelTimer, Clock } from './clock.ts';

/** For how long this process did not run: stopped, starved of CPU, busy with its own work, on a machine that slept. */
export interface Stalls {
  /** Milliseconds since the measuring began. Only grows; two readings tell of the time between them. */
  totalMs(): number;
}

/** The measuring, until it is stopped. */
export interface StallMeter extends Stalls {
  stop(): void;
}

const BEAT_MS = 50;
/** A timer may be this late on a machine that is merely busy; such lateness is in every duration we measure. */
const TOLERANCE_MS = 25;
/** The time of day may be corrected by so much in a beat without a pause. */
const WALL_TOLERANCE_MS = 1_000;

/**
 * Measures by a timer how late this process gets to its work. A machine that sleeps stops the monotonic clock as well; the time of day
 * tells of that (and of a clock that is set ahead, which looks the same).
 */
export function measureStalls(clock: Clock): StallMeter {
  let total = 0;
  let beatAtMs = clock.monotonicMs();
  let beatAtWallMs = clock.wallMs();
  let cancel: CancelTimer | undefined;
  const lateMs = (): number => {
    const monotonicMs = clock.monotonicMs() - beatAtMs - BEAT_MS;
    const wallMs = clock.wallMs() - beatAtWallMs - BEAT_MS;
    return Math.max(monotonicMs > TOLERANCE_MS ? monotonicMs : 0, wallMs > WALL_TOLERANCE_MS ? wallMs : 0);
  };
  const arm = (): void => {
    beatAtMs = clock.monotonicMs();
    beatAtWallMs = clock.wallMs();
    cancel = clock.after(BEAT_MS, () => {
      total += lateMs();
      arm();
    });
  };
  arm();
  return {
    // With what is late just now: after a pause other timers may be called before ours.
    totalMs: () => total + lateMs(),
    stop: () => cancel?.(),
  };
}
