import type { LabelSet } from '../alert.ts';
import type { Sample } from './expression.ts';

/** A series of a rule, known by the labels of its row. */
export interface KnownSeries {
  readonly labels: LabelSet;
  /** `undefined` while it is there. */
  readonly missingSinceMs: number | undefined;
}

/** By fingerprint of the row's labels. */
export type SeriesMap = ReadonlyMap<string, KnownSeries>;

/** What an answer says about a rule's series. */
export interface Presence {
  readonly series: SeriesMap;
  /** Whether the alert of a series stays as it is, because nothing is known of it. */
  readonly isHeld: (series: string) => boolean;
  /** What there is no data of: one sample a missing series, and one without labels where the answer has no row at all. */
  readonly missing: readonly Sample[];
  /** Series that were forgotten because there are too many. */
  readonly dropped: number;
}

/** What is missing for so long is gone for good: a host that was switched off. */
export const FORGET_AFTER_MS = 86_400_000;
/** The most series of one rule, those that are missing included. */
const MAX_SERIES = 20_000;

/**
 * Compares the rows of an answer with the series that were known. Pure.
 *
 * | answer                   | a series without a row                                                             |
 * | ------------------------ | ---------------------------------------------------------------------------------- |
 * | no row at all            | held, as long as that lasts; only the rule is missing, and what was missing before |
 * | rows of other series     | held and missing; forgotten once it has been missing for 24 h                      |
 */
export function lookForSeries(previous: SeriesMap, present: ReadonlyMap<string, LabelSet>, nowMs: number): Presence {
  if (present.size === 0) {
    const before = [...previous.values()].filter(({ missingSinceMs }) => missingSinceMs !== undefined);
    const missing = [ruleSample(), ...before.map((series) => seriesSample(series, nowMs))];
    return { series: previous, isHeld: () => true, missing, dropped: 0 };
  }
  const next = new Map<string, KnownSeries>();
  const gone: [string, KnownSeries][] = [];
  for (const [key, known] of previous) {
    if (present.has(key)) continue;
    const missingSinceMs = Math.min(known.missingSinceMs ?? nowMs, nowMs);
    if (nowMs - missingSinceMs < FORGET_AFTER_MS)
      gone.push([key, missingSinceMs === known.missingSinceMs ? known : { labels: known.labels, missingSinceMs }]);
  }
  gone.sort(([, a], [, b]) => (b.missingSinceMs ?? 0) - (a.missingSinceMs ?? 0));
  const room = Math.max(0, MAX_SERIES - present.size);
  const kept = gone.slice(0, room);
  for (const [key, labels] of present) {
    const known = previous.get(key);
    next.set(key, known && known.missingSinceMs === undefined ? known : { labels, missingSinceMs: undefined });
  }
  const held = new Map(kept);
  for (const [key, series] of kept) next.set(key, series);
  return {
    series: next,
    isHeld: (series) => held.has(series),
    missing: kept.map(([, series]) => seriesSample(series, nowMs)),
    dropped: gone.length - kept.length,
  };
}

function ruleSample(): Sample {
  return { labels: {}, value: Number.NaN, annotations: { missing: 'its query answers with no row' } };
}

function seriesSample({ labels, missingSinceMs = Number.NaN }: KnownSeries, nowMs: number): Sample {
  const named = Object.entries(labels).map(([name, text]) => `${name}=${JSON.stringify(text)}`);
  const missing = `no row of {${named.join(', ')}} since ${new Date(missingSinceMs).toISOString()}`;
  return { labels, value: (nowMs - missingSinceMs) / 1_000, annotations: { missing } };
}
