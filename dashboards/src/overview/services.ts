import { SERVICES_LIMIT, type ServicesSeenRow } from '../queries/services-seen.ts';

/** A service as the console shows it. Rates over the last five minutes; times in Unix ms, durations in ms. */
export interface ServiceView {
  readonly name: string;
  readonly lastSeenMs: number;
  readonly requestsPerSecond: number;
  /** Failed share of the requests; `undefined` where there was none. */
  readonly errorShare: number | undefined;
  readonly p99Ms: number | undefined;
  /** What it sent in the last hour. */
  readonly sent: { readonly spans: number; readonly logs: number; readonly points: number };
}

/** The services of the last hour. */
export interface ServicesView {
  readonly services: readonly ServiceView[];
  /** There are more than these. */
  readonly truncated: boolean;
}

/** The window of rate, errors and p99, in ms. */
export const RATE_WINDOW_MS = 5 * 60_000;
/** How far back a service counts as seen, in ms. */
export const SEEN_WINDOW_MS = 60 * 60_000;

/** Reads the rows of `servicesSeen`. */
export function viewServices(rows: readonly ServicesSeenRow[]): ServicesView {
  return {
    services: rows.map((row) => ({
      name: row.service === '' ? '(no service.name)' : row.service,
      lastSeenMs: row.last_seen_ms,
      requestsPerSecond: row.requests / (RATE_WINDOW_MS / 1_000),
      errorShare: row.requests > 0 ? row.errors / row.requests : undefined,
      p99Ms: row.p99_ms ?? undefined,
      sent: { spans: row.spans, logs: row.logs, points: row.points },
    })),
    truncated: rows.length >= SERVICES_LIMIT,
  };
}
