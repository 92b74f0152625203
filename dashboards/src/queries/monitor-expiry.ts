import type { Statement } from './statement-types.ts';

/** What the newest run of a monitor at a location that saw a certificate says of it. */
export interface MonitorExpiryRow {
  readonly location: string;
  /** When it ran, Unix ms. */
  readonly at_ms: number;
  /** When the earliest of all certificates that the server sent ends, Unix ms; `null` where it was not said. */
  readonly earliest_ms: number | null;
  /** When the path to a trusted authority ends, Unix ms; `null` where nothing was verified. */
  readonly verified_ms: number | null;
  readonly protocol: string;
  /** Why a certificate is not acceptable that was not judged. */
  readonly distrust: string;
}

/** The newest of each location in `[since, now]`, along the primary key. */
export const monitorExpiry: Statement<{ monitor: string; since_ms: number; now_ms: number }, MonitorExpiryRow> = {
  name: 'monitor_expiry',
  sql: `
    SELECT
      location,
      toFloat64(toUnixTimestamp64Milli(newest.1)) AS at_ms,
      toUnixTimestamp64Milli(parseDateTime64BestEffortOrNull(newest.2, 3, 'UTC'))::Nullable(Float64) AS earliest_ms,
      toUnixTimestamp64Milli(parseDateTime64BestEffortOrNull(newest.3, 3, 'UTC'))::Nullable(Float64) AS verified_ms,
      newest.4 AS protocol,
      leftUTF8(newest.5, 300) AS distrust
    FROM (
      SELECT
        ResourceAttributes['tocsin.location'] AS location,
        argMax((
          Timestamp,
          SpanAttributes['tocsin.probe.tls.earliest_not_after'],
          SpanAttributes['tocsin.probe.tls.verified_not_after'],
          SpanAttributes['tls.protocol.version'],
          SpanAttributes['tocsin.probe.tls.distrust']
        ), Timestamp) AS newest
      FROM otel_traces
      WHERE ServiceName = 'tocsin-checker'
        AND SpanName = concat('probe ', {monitor:String})
        AND ParentSpanId = ''
        AND Timestamp > fromUnixTimestamp64Milli({since_ms:Int64})
        AND Timestamp <= fromUnixTimestamp64Milli({now_ms:Int64})
        AND mapContains(SpanAttributes, 'tocsin.probe.tls.earliest_not_after')
      GROUP BY location
    )
    ORDER BY location
    LIMIT 500`,
};
