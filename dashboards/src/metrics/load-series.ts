import type { ClickHouseClient } from '@tocsin/service/clickhouse';
import { stepsOver, stepTimes, type TimeSteps } from '../filters/time-steps.ts';
import { available, type Part } from '../part.ts';
import type { AttributeParameters } from '../queries/attribute-match.ts';
import type { MetricBucketsRow } from '../queries/metric-buckets.ts';
import { metricExponentialBuckets } from '../queries/metric-exponential-buckets.ts';
import { metricGaugeSeries } from '../queries/metric-gauge-series.ts';
import { metricHistogramBuckets } from '../queries/metric-histogram-buckets.ts';
import type { MetricParameters } from '../queries/metric-points.ts';
import type { MetricShapeRow } from '../queries/metric-shape.ts';
import { metricSumIncreases } from '../queries/metric-sum-increases.ts';
import { metricSumLevels } from '../queries/metric-sum-levels.ts';
import { runQuery } from '../queries/run-query.ts';
import type { MetricLine, MetricSeries, MetricView } from './contract-types.ts';
import { percentileOf } from './percentile.ts';
import { sharesOf, viewsOf } from './views.ts';

/** What is asked of a metric. Times in Unix ms. */
export interface SeriesQuestion {
  readonly metric: string;
  readonly from: number;
  readonly to: number;
  readonly view: MetricView;
  readonly by: readonly string[];
  readonly filters: AttributeParameters;
  readonly limit: number;
}

const POINTS = 120;
const SMALLEST_STEP_MS = 5_000;

/** Loads what a metric measured, in steps in which every series has a point. */
export async function loadSeries(
  clickhouse: ClickHouseClient,
  shape: MetricShapeRow,
  question: SeriesQuestion,
): Promise<Part<MetricSeries>> {
  const steps = stepsFor(shape, question);
  const timesMs = stepTimes(steps);
  const parameters: MetricParameters = {
    ...question.filters,
    metric: question.metric,
    from_ms: steps.fromMs,
    to_ms: steps.toMs,
    step_s: steps.stepMs / 1_000,
    by: question.by,
    limit: question.view === 'percentiles' ? 1 : question.limit,
  };
  const isBuckets = shape.kind === 'histogram' || shape.kind === 'exponential_histogram';
  const drawn = isBuckets
    ? await loadBuckets(clickhouse, shape, question.view, parameters, timesMs)
    : await loadValues(clickhouse, shape, question.view, parameters, timesMs);
  if (drawn.status !== 'ok') return drawn;
  return available({
    kind: shape.kind,
    unit: shape.unit,
    description: shape.description,
    isMonotonic: shape.is_monotonic,
    isDelta: shape.is_delta,
    view: question.view,
    views: viewsOf(shape),
    fromMs: steps.fromMs,
    stepMs: steps.stepMs,
    timesMs,
    ...drawn.value,
  });
}

interface Drawn {
  readonly lines: readonly MetricLine[];
  readonly totalGroups: number;
}

async function loadValues(
  clickhouse: ClickHouseClient,
  { kind }: MetricShapeRow,
  view: MetricView,
  parameters: MetricParameters,
  timesMs: readonly number[],
): Promise<Part<Drawn>> {
  const isRise = view === 'rate' || view === 'increase';
  const rows = isRise
    ? await runQuery(clickhouse, metricSumIncreases, parameters)
    : await runQuery(clickhouse, kind === 'gauge' ? metricGaugeSeries : metricSumLevels, { ...parameters, how: view });
  if (rows.status !== 'ok') return rows;
  const divisor = view === 'rate' ? parameters.step_s : 1;
  return available({
    lines: rows.value.map(({ labels, points }) => ({ labels, values: onTimes(points, timesMs, divisor) })),
    totalGroups: rows.value[0]?.total ?? 0,
  });
}

async function loadBuckets(
  clickhouse: ClickHouseClient,
  { kind }: MetricShapeRow,
  view: MetricView,
  parameters: MetricParameters,
  timesMs: readonly number[],
): Promise<Part<Drawn>> {
  const isExponential = kind === 'exponential_histogram';
  const statement = isExponential ? metricExponentialBuckets : metricHistogramBuckets;
  const rows = await runQuery(clickhouse, statement, parameters);
  if (rows.status !== 'ok') return rows;
  const groups = [...Map.groupBy(rows.value, ({ labels }) => JSON.stringify(labels)).values()];
  return available({
    lines: groups.flatMap((group) => linesOfBuckets(group, view, parameters.step_s, timesMs, isExponential)),
    totalGroups: rows.value[0]?.total ?? 0,
  });
}

/** The lines of a group's buckets. Pure. */
export function linesOfBuckets(
  group: readonly MetricBucketsRow[],
  view: MetricView,
  stepS: number,
  timesMs: readonly number[],
  isExponential: boolean,
): readonly MetricLine[] {
  const labels = group[0]?.labels ?? [];
  const line = (valueOf: (row: MetricBucketsRow) => number | null | undefined, more: readonly string[] = []) => ({
    labels: [...labels, ...more],
    values: onTimes(
      group.map((row) => [row.at_ms, valueOf(row) ?? null] as const),
      timesMs,
    ),
  });
  if (view === 'rate') return [line(({ count }) => (count === null ? null : count / stepS))];
  if (view === 'increase') return [line(({ count }) => count)];
  if (view === 'avg')
    return [line(({ count, sum }) => (count !== null && count > 0 && sum !== null ? sum / count : null))];
  return sharesOf(view).map((share) =>
    line((row) => percentileOf(row, share, isExponential), view === 'percentiles' ? [`p${share * 100}`] : []),
  );
}

/**
 * Steps in which every series has a point: a rise is counted from point to point, so its steps hold two. The step that runs now is left
 * out, for its points are still coming. Pure.
 */
export function stepsFor(
  shape: Pick<MetricShapeRow, 'kind' | 'points' | 'series' | 'span_s'>,
  range: { readonly from: number; readonly to: number },
): TimeSteps {
  const perSeries = shape.points / Math.max(shape.series, 1);
  const intervalMs = perSeries > 1.5 ? (shape.span_s * 1_000) / (perSeries - 1) : 0;
  // Points do not come to the millisecond.
  const smallestMs = Math.max(SMALLEST_STEP_MS, intervalMs * (shape.kind === 'gauge' ? 0.95 : 1.9));
  const { fromMs, toMs, stepMs } = stepsOver(range, POINTS, smallestMs);
  const isWhole = toMs <= range.to;
  return { fromMs, toMs: isWhole || toMs - stepMs <= fromMs ? toMs : toMs - stepMs, stepMs };
}

function onTimes(
  points: readonly (readonly [atMs: number, value: number | null])[],
  timesMs: readonly number[],
  divisor = 1,
): (number | null)[] {
  const known = new Map(points.map(([atMs, value]) => [atMs, value]));
  return timesMs.map((atMs) => {
    const value = known.get(atMs) ?? null;
    return value === null ? null : value / divisor;
  });
}
