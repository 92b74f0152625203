import type { Overview } from './overview-types.ts';

/** How long an overview is shown to everyone who asks, in ms. */
const FRESH_MS = 2_000;

/**
 * One overview for all readers: those who ask while one is being made, or within two seconds after, get the same. So however
 * many pages are open, ClickHouse answers one set of queries at a time.
 */
export function shareOverview(load: (nowMs: number) => Promise<Overview>): (nowMs: number) => Promise<Overview> {
  let current: { readonly startedMs: number; readonly overview: Promise<Overview>; settled: boolean } | undefined;
  return (nowMs) => {
    const age = current ? nowMs - current.startedMs : Infinity;
    if (current && (!current.settled || (age >= 0 && age < FRESH_MS))) return current.overview;
    const overview = load(nowMs);
    const entry = { startedMs: nowMs, overview, settled: false };
    current = entry;
    overview.then(
      () => (entry.settled = true),
      () => {
        if (current === entry) current = undefined;
      },
    );
    return overview;
  };
}
