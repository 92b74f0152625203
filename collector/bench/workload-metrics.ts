import { ITEMS_PER_REQUEST, type Marks, resourceOf, text } from './marks.ts';

const POINTS_PER_METRIC = 50;

/** Number points: ten metrics of fifty series, half of them sums, four attributes a point, values of eight random bytes' worth. */
export function metricRequest(marks: Marks, seed: number): object {
  const metrics = Array.from({ length: ITEMS_PER_REQUEST / POINTS_PER_METRIC }, (_, metric) => {
    const data_points = Array.from({ length: POINTS_PER_METRIC }, (_unused, series) => {
      const time = marks.time();
      return {
        start_time_unix_nano: time,
        time_unix_nano: time,
        // Whatever the double is: nothing of it may be compressed away.
        as_double: marks.id(8).readDoubleLE(),
        attributes: [
          text('http.request.method', series % 2 === 0 ? 'GET' : 'POST'),
          text('http.route', `/api/${series % 25}`),
          { key: 'http.response.status_code', value: { int_value: series % 5 === 0 ? '500' : '200' } },
          text('server.address', `shop-${seed % 3}`),
        ],
      };
    });
    const data =
      metric % 2 === 0
        ? { gauge: { data_points } }
        : { sum: { data_points, aggregation_temporality: 2, is_monotonic: true } };
    return { name: `shop.metric_${metric}`, unit: '1', description: 'What the shop counts.', ...data };
  });
  return {
    resource_metrics: [
      { resource: resourceOf(seed), scope_metrics: [{ scope: { name: 'shop', version: '1' }, metrics }] },
    ],
  };
}
