import type { SpanHeatRow } from '../queries/span-heat.ts';

/** What one statement of a search looks through: times in Unix ms, durations in ns; from included, to not. */
export interface Band {
  readonly fromMs: number;
  readonly toMs: number;
  readonly minNs: number;
  readonly maxNs: number;
}

/** How many spans, by the rollup, the first band has, and by how much each further one has more. */
export interface Growth {
  readonly first: number;
  readonly factor: number;
}

/** No span lasts longer, in ns: 2^63 are 292 years. */
export const LONGEST_NS = 2 ** 63;

/**
 * Cuts a search for the newest spans into stretches of time, the newest first, each with more spans than the one before: where there are many that
 * match, only the first is looked through.
 * @param counted spans of each step by its begin, Unix ms
 */
export function bandsOfTime(
  whole: Band,
  counted: ReadonlyMap<number, number>,
  stepMs: number,
  { first, factor }: Growth,
): readonly Band[] {
  const bands: Band[] = [];
  let toMs = whole.toMs;
  let wanted = first;
  let have = 0;
  for (const [beginMs, count] of [...counted].toSorted(([a], [b]) => b - a)) {
    let left = count;
    let endMs = Math.min(beginMs + stepMs, toMs);
    const fromMs = Math.max(beginMs, whole.fromMs);
    while (have + left >= wanted && endMs > fromMs) {
      const share = (wanted - have) / left;
      const cutMs = Math.max(fromMs, Math.floor(endMs - (endMs - fromMs) * share));
      // So short that it cannot be cut: what began in this millisecond is looked through together.
      const bandFromMs = cutMs < toMs ? cutMs : toMs - 1;
      if (bandFromMs <= whole.fromMs) break;
      bands.push({ ...whole, fromMs: bandFromMs, toMs });
      left -= wanted - have;
      toMs = bandFromMs;
      endMs = bandFromMs;
      wanted *= factor;
      have = 0;
    }
    have += Math.max(left, 0);
  }
  if (toMs > whole.fromMs) bands.push({ ...whole, toMs });
  return bands;
}

/** The same for the slowest spans: stretches of durations, the longest first. @param counted spans by `half`, as the rollup has them */
export function bandsOfDuration(
  whole: Band,
  counted: ReadonlyMap<number, number>,
  { first, factor }: Growth,
): readonly Band[] {
  const bands: Band[] = [];
  let maxNs = whole.maxNs;
  let wanted = first;
  let have = 0;
  for (const [half, count] of [...counted].toSorted(([a], [b]) => b - a)) {
    have += count;
    const minNs = half < 0 ? 0 : Math.floor(2 ** (half / 2));
    if (have < wanted || minNs >= maxNs || minNs <= whole.minNs) continue;
    bands.push({ ...whole, minNs, maxNs });
    maxNs = minNs;
    wanted *= factor;
    have = 0;
  }
  if (maxNs > whole.minNs) bands.push({ ...whole, maxNs });
  return bands;
}

/** Sums a column of the heat by a key. */
export function countBy(
  rows: readonly SpanHeatRow[],
  key: (row: SpanHeatRow) => number,
  count: (row: SpanHeatRow) => number,
): ReadonlyMap<number, number> {
  const sums = new Map<number, number>();
  for (const row of rows) sums.set(key(row), (sums.get(key(row)) ?? 0) + count(row));
  return sums;
}
