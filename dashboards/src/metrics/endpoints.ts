import type { ApiSources } from '../api/endpoints.ts';
import { endpoint, type Endpoint, refuse } from '../api/framework/endpoint.ts';
import { listOf, momentMs, oneOf, optional, text, wholeNumber } from '../api/framework/read-input.ts';
import { readFilters } from '../filters/attribute-filters.ts';
import { refuseRange } from '../filters/time-steps.ts';
import { readWords } from '../logs/read-words.ts';
import { metricNames } from '../queries/metric-names.ts';
import { metricShape } from '../queries/metric-shape.ts';
import { runQuery } from '../queries/run-query.ts';
import { loadSeries } from './load-series.ts';
import { viewsOf } from './views.ts';

const LINES = 20;
const MOST_LINES = 50;
/** So much of the time is looked at to see what a metric is like, in ms; where it has nothing there, all of it. */
const SAMPLE_MS = 3_600_000;

/** Metrics: which there are, and what one of them measured. */
export function metricEndpoints({ clickhouse }: ApiSources): readonly Endpoint[] {
  const shapeOf = async (metric: string, from: number, to: number) => {
    const sampled = await runQuery(clickhouse, metricShape, {
      metric,
      from_ms: Math.max(from, to - SAMPLE_MS),
      to_ms: to,
    });
    return sampled.status !== 'ok' || sampled.value.length > 0 || to - from <= SAMPLE_MS
      ? sampled
      : runQuery(clickhouse, metricShape, { metric, from_ms: from, to_ms: to });
  };
  return [
    endpoint('GET /api/v1/metrics', {
      role: 'viewer',
      input: { q: optional(text(500)), from: momentMs },
      answer: ({ q = '', from }) => runQuery(clickhouse, metricNames, { words: readWords(q).words, from_ms: from }),
    }),
    endpoint('GET /api/v1/metrics/series', {
      role: 'viewer',
      input: {
        metric: text(500),
        from: momentMs,
        to: momentMs,
        kind: optional(oneOf('gauge', 'sum', 'histogram', 'exponential_histogram', 'summary')),
        view: optional(
          oneOf('avg', 'min', 'max', 'sum', 'rate', 'increase', 'p50', 'p75', 'p90', 'p95', 'p99', 'percentiles'),
        ),
        by: listOf(text(200), 5),
        where: listOf(text(2_000), 20),
        limit: optional(wholeNumber(1, MOST_LINES)),
      },
      answer: async ({ metric, from, to, kind, view, by, where, limit = LINES }) => {
        const refused = refuseRange({ from, to });
        if (refused) return refused;
        const filters = readFilters(where, 'where');
        if (filters.status === 'wrong') return refuse('bad_request', 'A filter is not as expected.', filters.errors);
        const shapes = await shapeOf(metric, from, to);
        if (shapes.status !== 'ok') return shapes;
        const shape = shapes.value.find((one) => kind === undefined || one.kind === kind);
        if (!shape) return refuse('not_found', `In this time there is no point of a metric ${metric}.`);
        const views = viewsOf(shape);
        const [first] = views;
        if (first === undefined)
          return refuse('not_possible', 'A summary is not drawn: its percentiles cannot be put together.');
        const drawn = views.find((one) => one === view) ?? first;
        return loadSeries(clickhouse, shape, { metric, from, to, view: drawn, by, filters: filters.parameters, limit });
      },
    }),
  ];
}
