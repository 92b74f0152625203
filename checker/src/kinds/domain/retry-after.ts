/** Without a word about when to come back. */
const PAUSE_MS = 5 * 60_000;
const LONGEST_PAUSE_MS = 24 * 60 * 60_000;

/**
 * Reads `Retry-After` of a registry, seconds or a date. Source: RFC 9110, section 10.2.3; RFC 7480, section 5.5.
 * @returns milliseconds from now: at most a day, five minutes where the header is absent or unreadable
 */
export function readPause(value: string | undefined, nowUnixMs: number): number {
  const given = value?.trim() ?? '';
  const pauseMs = /^\d+$/.test(given) ? Number(given) * 1_000 : Date.parse(given) - nowUnixMs;
  return Number.isNaN(pauseMs) ? PAUSE_MS : Math.min(LONGEST_PAUSE_MS, Math.max(0, pauseMs));
}
