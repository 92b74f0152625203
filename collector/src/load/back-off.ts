const FIRST_MS = 200;
/** A server that is not there costs nothing to ask, and people wait for it to come back. */
const MOST_WHEN_AWAY_MS = 1_000;
const MOST_MS = 10_000;

/**
 * How long to wait after a number of failures in a row: 200 ms, twice as long each time, at most 1 s while ClickHouse is away and
 * 10 s while it refuses; up to a fifth less, so that several collectors do not come back in step.
 * @param spread a number from 0 up to 1
 */
export function backOffMs(failures: number, isAway: boolean, spread: number): number {
  const mostMs = isAway ? MOST_WHEN_AWAY_MS : MOST_MS;
  const wholeMs = Math.min(FIRST_MS * 2 ** Math.min(failures - 1, 20), mostMs);
  return Math.round(wholeMs * (1 - 0.2 * spread));
}
