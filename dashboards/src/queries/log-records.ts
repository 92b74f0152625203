import { cutMap } from './attribute-match.ts';
import { LOGS_MATCH, type LogParameters, SEVERITY } from './log-match.ts';
import type { Statement } from './statement-types.ts';

/** A log record. */
export interface LogRecordRow {
  /** Unix ns, in decimal: more digits than a number has. */
  readonly at_ns: string;
  /** Of its content: two records that say the same at the same time have the same. */
  readonly id: string;
  readonly service: string;
  /** `fatal`, `error`, `warn`, `info`, `debug`, `trace`, or `none`. */
  readonly severity: string;
  /** As the sender writes it. */
  readonly severity_text: string;
  /** Cut at 4,000 characters. */
  readonly body: string;
  /** Of the whole body, in bytes. */
  readonly body_bytes: number;
  readonly trace_id: string;
  readonly span_id: string;
  readonly event: string;
  readonly scope: string;
  /** At most 64, values cut at 1,000 characters. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly resource: Readonly<Record<string, string>>;
}

/**
 * The newest records before a place (`before_ns` and `before_id`), newest first. The order begins as the table's does, so reading ends with the five minutes in which
 * there are enough.
 */
export const logRecords: Statement<
  LogParameters & Readonly<{ before_ns: string; before_id: string; limit: number }>,
  LogRecordRow
> = {
  name: 'log_records',
  sql: `
    SELECT
      toString(toUnixTimestamp64Nano(Timestamp)) AS at_ns,
      toString(hash) AS id,
      ServiceName AS service,
      ${SEVERITY} AS severity,
      leftUTF8(SeverityText, 40) AS severity_text,
      leftUTF8(Body, 4000) AS body,
      toFloat64(length(Body)) AS body_bytes,
      TraceId AS trace_id,
      SpanId AS span_id,
      leftUTF8(EventName, 200) AS event,
      leftUTF8(ScopeName, 200) AS scope,
      ${cutMap('LogAttributes', 1000)} AS attributes,
      ${cutMap('ResourceAttributes', 1000)} AS resource,
      cityHash64(ServiceName, SeverityNumber, Body, TraceId, SpanId, LogAttributes) AS hash
    FROM otel_logs
    WHERE ${LOGS_MATCH}
      AND ({before_ns:Int64} = 0 OR Timestamp < fromUnixTimestamp64Nano({before_ns:Int64})
        OR (Timestamp = fromUnixTimestamp64Nano({before_ns:Int64}) AND hash < {before_id:UInt64}))
    ORDER BY toStartOfFiveMinutes(Timestamp) DESC, Timestamp DESC, hash DESC
    LIMIT {limit:UInt32}`,
};
