import type { Statement } from './statement-types.ts';

/** An instance of a service, as its resource names it. Unix ms, ms. */
export interface ServiceInstancesRow {
  readonly instance: string;
  readonly version: string;
  readonly spans: number;
  readonly requests: number;
  readonly errors: number;
  /** `null` where there was no request. */
  readonly p99_ms: number | null;
  readonly last_ms: number;
}

/** Instances by `service.instance.id`, or else pod, container or host, from the spans themselves: the caller keeps the time short. */
export const serviceInstances: Statement<{ service: string; from_ms: number; to_ms: number }, ServiceInstancesRow> = {
  name: 'service_instances',
  sql: `
    WITH SpanKind IN ('Server', 'Consumer') AS counted
    SELECT
      leftUTF8(coalesce(
        nullIf(ResourceAttributes['service.instance.id'], ''), nullIf(ResourceAttributes['k8s.pod.name'], ''),
        nullIf(ResourceAttributes['container.id'], ''), ResourceAttributes['host.name']), 200) AS instance,
      leftUTF8(ResourceAttributes['service.version'], 100) AS version,
      toFloat64(count()) AS spans,
      toFloat64(countIf(counted)) AS requests,
      toFloat64(countIf(counted AND StatusCode = 'Error')) AS errors,
      if(requests = 0, NULL, quantileIf(0.99)(Duration, counted) / 1e6) AS p99_ms,
      toFloat64(toUnixTimestamp64Milli(max(Timestamp))) AS last_ms
    FROM otel_traces
    WHERE ServiceName = {service:String}
      AND Timestamp >= fromUnixTimestamp64Milli({from_ms:Int64})
      AND Timestamp < fromUnixTimestamp64Milli({to_ms:Int64})
    GROUP BY instance, version
    ORDER BY spans DESC
    LIMIT 100`,
};
