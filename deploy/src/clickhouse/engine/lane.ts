import { ClickHouseException } from '../exception.ts';

/** A lane: so many statements at once, so many waiting, the rest refused. */
export interface Lane {
  /**
   * Waits for a place, runs the work in it and gives the place back.
   * @throws ClickHouseException TOO_MANY_SIMULTANEOUS_QUERIES when too many wait already, QUERY_WAS_CANCELLED when `signal` aborts first
   */
  run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>;
  readonly stats: { readonly running: number; readonly waiting: number; readonly refused: number };
}

export interface LaneOptions {
  readonly name: string;
  readonly concurrency: number;
  readonly maxWaiting: number;
}

export function createLane({ name, concurrency, maxWaiting }: LaneOptions): Lane {
  const waiting = new Set<() => void>();
  const stats = { running: 0, waiting: 0, refused: 0 };

  const enter = async (signal: AbortSignal): Promise<void> => {
    if (signal.aborted) throw cancelled();
    if (stats.running < concurrency) {
      stats.running += 1;
      return;
    }
    if (waiting.size >= maxWaiting) {
      stats.refused += 1;
      throw ClickHouseException.of(
        'TOO_MANY_SIMULTANEOUS_QUERIES',
        `Too many simultaneous queries: ${concurrency} running and ${maxWaiting} waiting in the lane "${name}".`,
      );
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const giveUp = (): void => {
      waiting.delete(resolve);
      stats.waiting = waiting.size;
      reject(cancelled());
    };
    waiting.add(resolve);
    stats.waiting = waiting.size;
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  };

  /** Hands the place on to who waits longest, or frees it. */
  const leave = (): void => {
    const [next] = waiting;
    if (!next) {
      stats.running -= 1;
      return;
    }
    waiting.delete(next);
    stats.waiting = waiting.size;
    next();
  };

  return {
    stats,
    async run(work, signal) {
      await enter(signal);
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}

function cancelled(): ClickHouseException {
  return ClickHouseException.of('QUERY_WAS_CANCELLED', 'Query was cancelled: the client went away.');
}
