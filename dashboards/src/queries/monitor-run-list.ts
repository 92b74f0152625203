import type { Statement } from './statement-types.ts';

/** A probe run of a monitor. */
export interface MonitorRunListRow {
  /** When it began, Unix ms with fractions. */
  readonly at_ms: number;
  readonly location: string;
  readonly outcome: string;
  readonly reason: string;
  readonly message: string;
  readonly status_code: string;
  /** The step of a flow that was not up. */
  readonly step: string;
  readonly attempt: number;
  readonly duration_ms: number;
  readonly trace_id: string;
  readonly peer: string;
  /** It was in a maintenance window. */
  readonly in_maintenance: boolean;
  /** The monitor whose failure explains it. */
  readonly suppressed_by: string;
}

/** Runs of one monitor in `[from, to]`, newest first; all of them, or those that did not find it up. Along the primary key: a run's span is named after its monitor. */
export const monitorRunList: Statement<
  { monitor: string; from_ms: number; to_ms: number; is_all: boolean; limit: number },
  MonitorRunListRow
> = {
  name: 'monitor_run_list',
  sql: `
    SELECT
      toUnixTimestamp64Nano(Timestamp) / 1e6 AS at_ms,
      ResourceAttributes['tocsin.location'] AS location,
      SpanAttributes['tocsin.probe.outcome'] AS outcome,
      SpanAttributes['tocsin.probe.reason'] AS reason,
      leftUTF8(SpanAttributes['tocsin.probe.message'], 500) AS message,
      SpanAttributes['http.response.status_code'] AS status_code,
      leftUTF8(SpanAttributes['tocsin.probe.step'], 200) AS step,
      toFloat64(greatest(1, toUInt32OrZero(SpanAttributes['tocsin.probe.attempt']))) AS attempt,
      Duration / 1e6 AS duration_ms,
      TraceId AS trace_id,
      SpanAttributes['network.peer.address'] AS peer,
      (SpanAttributes['tocsin.probe.maintenance'] = 'true')::Bool AS in_maintenance,
      SpanAttributes['tocsin.monitor.suppressed_by'] AS suppressed_by
    FROM otel_traces
    WHERE ServiceName = 'tocsin-checker'
      AND SpanName = concat('probe ', {monitor:String})
      AND ParentSpanId = ''
      AND Timestamp >= fromUnixTimestamp64Milli({from_ms:Int64})
      AND Timestamp <= fromUnixTimestamp64Milli({to_ms:Int64})
      AND ({is_all:Bool} OR SpanAttributes['tocsin.probe.outcome'] != 'up')
    ORDER BY Timestamp DESC
    LIMIT {limit:UInt32}`,
};
