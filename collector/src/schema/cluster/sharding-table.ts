/**
 * Which shard a row of a table goes to: an expression over the row alone, never `rand()` or `now()`, because a repeated insert must bring every row to
 * the shard where it may be already. Only tables that the collector writes itself have one; what views fill is written where the row is.
 *
 * - Traces: by trace, so that a trace, its row in the companion and what is counted of it are on one shard.
 * - Logs: with their trace; those without one by their content, lest one shard gets them all.
 * - Metrics: by series, so that rates and compression see whole series.
 */
export const SHARDING_KEYS: Readonly<Record<string, string>> = {
  otel_traces: 'cityHash64(TraceId)',
  otel_logs: "if(TraceId = '', cityHash64(ServiceName, Timestamp, Body), cityHash64(TraceId))",
  otel_metrics_gauge: 'cityHash64(ServiceName, MetricName, ResourceAttributes, Attributes)',
  otel_metrics_sum: 'cityHash64(ServiceName, MetricName, ResourceAttributes, Attributes)',
  otel_metrics_histogram: 'cityHash64(ServiceName, MetricName, ResourceAttributes, Attributes)',
  otel_metrics_exponential_histogram: 'cityHash64(ServiceName, MetricName, ResourceAttributes, Attributes)',
  otel_metrics_summary: 'cityHash64(ServiceName, MetricName, ResourceAttributes, Attributes)',
  otel_service_peers: 'cityHash64(ServiceName)',
};
