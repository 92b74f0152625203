import type { Logger } from '@tocsin/service/log';

/** A loop that is running. */
export interface Ticker {
  /** No further tick starts. Idempotent. */
  stop(): void;
}

/** How a loop runs; times in milliseconds. */
export interface TickerOptions {
  readonly intervalMs: number;
  /** The pause after a tick that threw. */
  readonly errorPauseMs: number;
  readonly now: () => number;
  readonly log: Logger;
  /** Told after every tick: the error, or `undefined`. */
  readonly onTick?: (error: unknown) => void;
}

/**
 * Calls `work` again and again, never twice at once. Work that returns true is called again at once, work that throws is
 * called again after a longer pause: what it could not do is still due then.
 */
export function startTicker(work: (nowMs: number) => boolean, options: TickerOptions): Ticker {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const tick = (): void => {
    let pauseMs = options.intervalMs;
    let failure: unknown;
    try {
      if (work(options.now())) pauseMs = 0;
    } catch (error) {
      failure = error;
      pauseMs = options.errorPauseMs;
      options.log.error({ err: error }, 'a look at what is due failed; it is tried again');
    }
    options.onTick?.(failure);
    if (!stopped) timer = setTimeout(tick, pauseMs);
  };
  timer = setTimeout(tick, 0);
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
