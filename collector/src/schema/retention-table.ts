import type { TocsinConfig } from '@tocsin/service/config';

/** How long each kind of data is kept, in milliseconds; 0, or more than 50 years, keeps for ever. */
export type Retention = TocsinConfig['collector']['retention'];

/** A table whose rows leave a while after the time in one of its columns. */
export interface KeptTable {
  readonly table: string;
  /** Whose retention it follows; `rollups` also means that it is the last to go when the disk is nearly full. */
  readonly follows: 'traces' | 'metrics' | 'logs' | 'rollups';
  /** The column with the time of a row. */
  readonly time: string;
  /** What a partition spans: the partition key's value is its first day (`day`, `week`) or its month as `202611`; `none` for small tables. */
  readonly partition: 'day' | 'week' | 'month' | 'none';
  /** Days for which it must outlive what it belongs to. */
  readonly outlivesDays?: number;
}

/**
 * Every table with rows. A new table joins with one line; a test holds this list against the migrations. The companion by trace id must
 * outlive the spans, which leave by whole parts, up to a day late: without its row a trace is not found.
 */
export const KEPT_TABLES: readonly KeptTable[] = [
  { table: 'otel_traces', follows: 'traces', time: 'Timestamp', partition: 'day' },
  { table: 'otel_traces_trace_id_ts', follows: 'traces', time: 'End', partition: 'week', outlivesDays: 2 },
  { table: 'otel_logs', follows: 'logs', time: 'Timestamp', partition: 'day' },
  { table: 'otel_metrics_gauge', follows: 'metrics', time: 'TimeUnix', partition: 'day' },
  { table: 'otel_metrics_sum', follows: 'metrics', time: 'TimeUnix', partition: 'day' },
  { table: 'otel_metrics_histogram', follows: 'metrics', time: 'TimeUnix', partition: 'day' },
  { table: 'otel_metrics_exponential_histogram', follows: 'metrics', time: 'TimeUnix', partition: 'day' },
  { table: 'otel_metrics_summary', follows: 'metrics', time: 'TimeUnix', partition: 'day' },
  { table: 'otel_traces_service_1m', follows: 'rollups', time: 'Time', partition: 'month' },
  { table: 'otel_traces_edge_1m', follows: 'rollups', time: 'Time', partition: 'month' },
  { table: 'otel_logs_1m', follows: 'rollups', time: 'Time', partition: 'month' },
  { table: 'tocsin_probe_runs_1h', follows: 'rollups', time: 'Time', partition: 'month' },
  { table: 'tocsin_probe_runs_1d', follows: 'rollups', time: 'Time', partition: 'month' },
  { table: 'tocsin_probe_phases_1h', follows: 'rollups', time: 'Time', partition: 'month' },
  { table: 'tocsin_probe_phases_1d', follows: 'rollups', time: 'Time', partition: 'month' },
  { table: 'tocsin_monitor_states_1h', follows: 'rollups', time: 'Time', partition: 'month' },
  { table: 'otel_services', follows: 'rollups', time: 'LastSeen', partition: 'none' },
  { table: 'otel_service_peers', follows: 'rollups', time: 'LastSeen', partition: 'none' },
  // What pickers offer is of use for as long as it can be found.
  { table: 'otel_known_values', follows: 'metrics', time: 'Date', partition: 'month' },
];
