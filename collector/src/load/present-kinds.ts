import { METRIC_KIND_SCHEMAS, METRIC_KINDS, type MetricKind } from './statements/metric-kinds.ts';

/** The kinds of metric among the fields that were found in a segment's metrics (`findMetricFields`): only their tables get an INSERT. */
export function presentKinds(metricFields: number): readonly MetricKind[] {
  return METRIC_KINDS.filter((kind) => (metricFields & (1 << METRIC_KIND_SCHEMAS[kind].field)) !== 0);
}
