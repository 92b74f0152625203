import type { MetricShapeRow } from '../queries/metric-shape.ts';
import type { MetricView } from './contract-types.ts';

const LEVELS = ['avg', 'min', 'max', 'sum'] as const;
const RISES = ['rate', 'increase'] as const;
const PERCENTILES = ['percentiles', 'p50', 'p75', 'p90', 'p95', 'p99', 'avg', 'rate', 'increase'] as const;

/** What can be drawn of a metric; the first is what is, unless another is asked for. Pure. */
export function viewsOf({ kind, is_monotonic, is_delta }: MetricShapeRow): readonly MetricView[] {
  if (kind === 'gauge') return LEVELS;
  if (kind === 'histogram' || kind === 'exponential_histogram') return PERCENTILES;
  if (kind === 'summary') return [];
  if (is_monotonic) return RISES;
  // Of changes without what they change only the changes are known.
  return is_delta ? ['increase', 'rate'] : ['sum', 'avg', 'min', 'max'];
}

/** The shares that a view is of. Pure. */
export function sharesOf(view: MetricView): readonly number[] {
  if (view === 'percentiles') return [0.5, 0.95, 0.99];
  return /^p\d\d$/.test(view) ? [Number(view.slice(1)) / 100] : [];
}
