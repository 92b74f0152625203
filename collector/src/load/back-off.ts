const FIRST_MS = 200;
const MOST_MS = 5_000;

/**
 * How long to wait after a number of failures in a row: 200 ms, twice as long each time, at most 5 s, and up to a fifth less so that
 * several collectors do not come back in step.
 * @param spread a number from 0 up to 1
 */
export function backOffMs(failures: number, spread: number): number {
  const wholeMs = Math.min(FIRST_MS * 2 ** Math.min(failures - 1, 20), MOST_MS);
  return Math.round(wholeMs * (1 - 0.2 * spread));
}
