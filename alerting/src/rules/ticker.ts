/** The longest wait, so that a clock that was set or a machine that slept is noticed. */
const MAX_WAIT_MS = 1_000;

/** Calls `tick` with the system's time whenever it may have something to do. */
export interface Ticker {
  start(): void;
  /** Ticks soon, whatever was planned. */
  wake(): void;
  /** Idempotent. */
  stop(): void;
}

/** @param tick gets Unix milliseconds and returns when it wants to be called again */
export function createTicker(tick: (nowMs: number) => number): Ticker {
  let timer: NodeJS.Timeout | undefined;
  let running = false;
  const plan = (waitMs: number): void => {
    clearTimeout(timer);
    if (running) timer = setTimeout(run, Math.min(Math.max(waitMs, 0), MAX_WAIT_MS));
  };
  const run = (): void => {
    const nowMs = Date.now();
    // One above: a timer may end a fraction of a millisecond early.
    plan(tick(nowMs) - nowMs + 1);
  };
  return {
    start() {
      running = true;
      plan(0);
    },
    wake: () => plan(0),
    stop() {
      running = false;
      clearTimeout(timer);
    },
  };
}
