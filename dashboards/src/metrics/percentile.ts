import { LAST_END } from '../queries/metric-buckets.ts';
import { FINEST_SCALE } from '../queries/metric-exponential-buckets.ts';

/** Buckets: their upper ends, rising, and what is in each. */
export interface Buckets {
  readonly ends: readonly number[];
  readonly counts: readonly number[];
}

/** The widest a bucket of an exponential histogram is read as: its end by its begin. */
const WIDTH = 2 ** (2 ** -FINEST_SCALE);

/**
 * The value below which a share of what was counted lies, within its bucket evenly, as Prometheus's `histogram_quantile` has it: the first bucket begins at 0 where it
 * ends above that, and what is beyond the last bound counts as that bound. Buckets of exponential histograms begin where their width says, not at
 * the one before, which is missing where it is empty. @returns `undefined` where nothing was counted
 */
export function percentileOf({ ends, counts }: Buckets, share: number, isExponential: boolean): number | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  const rank = share * total;
  let below = 0;
  for (const [index, end] of ends.entries()) {
    const count = counts[index] ?? 0;
    if (count === 0 || below + count < rank) {
      below += count;
      continue;
    }
    const previous = ends[index - 1];
    if (end === LAST_END) return previous;
    const begin = isExponential ? beginOf(end, previous) : (previous ?? Math.min(end, 0));
    return begin + (end - begin) * ((rank - below) / count);
  }
  return ends.findLast((end) => end !== LAST_END);
}

function beginOf(end: number, previous: number | undefined): number {
  if (end === 0) return 0;
  const begin = end > 0 ? end / WIDTH : end * WIDTH;
  return previous === undefined ? begin : Math.max(begin, previous);
}
