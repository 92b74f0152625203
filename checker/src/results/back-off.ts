const FIRST_MS = 500;
const FACTOR = 1.5;
const LONGEST_MS = 5_000;
/** Up to this share of the wait is taken off at random, so that many checkers do not return at once. */
const JITTER = 0.2;

/**
 * How long to wait before the next try.
 * @param failures how many tries have failed, from 1
 * @param random a number in [0, 1)
 */
export function backOffMs(failures: number, random: number): number {
  const waitMs = Math.min(LONGEST_MS, FIRST_MS * FACTOR ** (failures - 1));
  return waitMs * (1 - JITTER * random);
}
