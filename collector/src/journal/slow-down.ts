/** From this part of the journal's limit on acceptance slows down. */
const FROM = 0.5;
const MOST_MS = 1_000;

/**
 * How long an acknowledgement is held back, in milliseconds: nothing up to half of the journal's limit, then more with the square of what is
 * filled, up to a second when it is full. A sender has a few requests under way and waits for each, so this brings what comes in down to
 * what ClickHouse takes before the journal is full and has to refuse.
 */
export function decideDelayMs(bytes: number, maxBytes: number): number {
  const filled = Math.min(bytes / maxBytes, 1);
  return filled <= FROM ? 0 : Math.round(MOST_MS * ((filled - FROM) / (1 - FROM)) ** 2);
}
