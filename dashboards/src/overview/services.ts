import { SERVICES_LIMIT, type ServicesSeenRow } from '../queries/services-seen.ts';
import type { ServicesView } from './overview-types.ts';

const MINUTE_MS = 60_000;
/** How far back a service counts as seen, in ms. */
export const SEEN_WINDOW_MS = 60 * 60_000;

/**
 * Where the window of rate, errors and p99 begins, Unix ms: five whole minutes and the one that is not over yet, since requests are
 * counted by the minute.
 */
export function rateSinceMs(nowMs: number): number {
  return (Math.floor(nowMs / MINUTE_MS) - 5) * MINUTE_MS;
}

/** Reads the rows of `servicesSeen`, asked for at `nowMs`. */
export function viewServices(rows: readonly ServicesSeenRow[], nowMs: number): ServicesView {
  const rateSeconds = (nowMs - rateSinceMs(nowMs)) / 1_000;
  return {
    services: rows.map((row) => ({
      name: row.service === '' ? '(no service.name)' : row.service,
      lastSeenMs: row.last_seen_ms,
      requestsPerSecond: row.requests / rateSeconds,
      errorShare: row.requests > 0 ? row.errors / row.requests : undefined,
      p99Ms: row.p99_ms ?? undefined,
      sent: { spans: row.spans, logs: row.logs, points: row.points },
    })),
    truncated: rows.length >= SERVICES_LIMIT,
  };
}
