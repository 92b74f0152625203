import type { ClickHouseClient } from '@tocsin/service/clickhouse';

/** How far back a round looks, in seconds: spans of one trace arrive some seconds apart. */
export const LOOK_BACK_S = 120;
/** Of a busy minute a round reads only some of the traces, about this many spans. */
const SPANS_READ = 20_000;

const COUNT = `SELECT sum(Requests) AS spans FROM otel_traces_service_1m
WHERE Time >= toStartOfMinute({now:DateTime} - ${LOOK_BACK_S})`;

/**
 * A server's span whose parent is another service's client span shows who answers behind the name that the client used. What is
 * learned is a fact and no count: it may be inserted any number of times.
 */
const LEARN = `INSERT INTO otel_service_peers (ServiceName, PeerType, Peer, PeerService, LastSeen)
WITH {now:DateTime} - ${LOOK_BACK_S} AS since
SELECT client.ServiceName, client.PeerType, client.Peer, server.ServiceName, toDateTime(max(server.Timestamp))
FROM (
  SELECT TraceId, ParentSpanId, ServiceName, Timestamp FROM otel_traces
  WHERE Timestamp >= since AND SpanKind IN ('Server', 'Consumer') AND ParentSpanId != ''
    AND cityHash64(TraceId) % {every:UInt32} = 0
  LIMIT ${SPANS_READ}
) AS server
INNER JOIN (
  SELECT TraceId, SpanId, ServiceName, PeerType, Peer FROM otel_traces
  WHERE Timestamp >= since - 60 AND SpanKind IN ('Client', 'Producer')
    AND cityHash64(TraceId) % {every:UInt32} = 0
  LIMIT ${SPANS_READ}
) AS client ON client.TraceId = server.TraceId AND client.SpanId = server.ParentSpanId
WHERE client.ServiceName != server.ServiceName
GROUP BY ALL`;

/**
 * Learns from the traces of the last two minutes which service answers behind a name (`otel_service_peers`), so that the edges of the
 * service graph lead from service to service.
 * @param nowMs milliseconds since the epoch
 * @param signal gives up; rejects then
 */
export async function learnPeers(client: ClickHouseClient, nowMs: number, signal?: AbortSignal): Promise<void> {
  const now = Math.floor(nowMs / 1_000);
  const aborted = signal ? { abort_signal: signal } : {};
  const counted = await client.query({ query: COUNT, format: 'JSONEachRow', query_params: { now }, ...aborted });
  const [row] = await counted.json<{ spans: string }>();
  const every = Math.max(1, Math.ceil(Number(row?.spans ?? 0) / SPANS_READ));
  await client.command({
    query: LEARN,
    query_params: { now, every },
    // In a cluster a trace is on one shard: each joins its own.
    clickhouse_settings: { distributed_product_mode: 'local' },
    ...aborted,
  });
}
