import type { Statement } from './statement-types.ts';

/** A failed span. Unix ms, ms. */
export interface ServiceErrorsRow {
  readonly at_ms: number;
  readonly trace_id: string;
  readonly span_id: string;
  readonly operation: string;
  readonly kind: string;
  readonly duration_ms: number;
  /** Its status message, or else what its first exception says. */
  readonly message: string;
}

/** The newest failed spans of a service in `[from, to)`, 20 at most. */
export const serviceErrors: Statement<{ service: string; from_ms: number; to_ms: number }, ServiceErrorsRow> = {
  name: 'service_errors',
  sql: `
    SELECT
      toUnixTimestamp64Nano(Timestamp) / 1e6 AS at_ms,
      TraceId AS trace_id,
      SpanId AS span_id,
      leftUTF8(SpanName, 300) AS operation,
      SpanKind AS kind,
      Duration / 1e6 AS duration_ms,
      leftUTF8(if(StatusMessage != '', StatusMessage,
        \`Events.Attributes\`[indexOf(\`Events.Name\`, 'exception')]['exception.message']), 300) AS message
    FROM otel_traces
    WHERE ServiceName = {service:String}
      AND StatusCode = 'Error'
      AND Timestamp >= fromUnixTimestamp64Milli({from_ms:Int64})
      AND Timestamp < fromUnixTimestamp64Milli({to_ms:Int64})
    ORDER BY Timestamp DESC
    LIMIT 20`,
};
