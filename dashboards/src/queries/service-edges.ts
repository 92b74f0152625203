import type { Statement } from './statement-types.ts';

/** What a service calls, as its own client spans say it. Durations in ms. */
export interface ServiceEdgesRow {
  readonly service: string;
  /** `service`, `database`, `messaging` or `address`. */
  readonly peer_type: string;
  readonly peer: string;
  /** Who answers there, as traces have shown; empty where none has. */
  readonly peer_service: string;
  readonly requests: number;
  readonly errors: number;
  readonly mean_ms: number;
}

/** The most edges of one answer. */
export const EDGES_LIMIT = 1_000;

/** The busiest edges of the service graph from the minute of `from` to `to`, Tocsin's own left out. */
export const serviceEdges: Statement<{ from_ms: number; to_ms: number }, ServiceEdgesRow> = {
  name: 'service_edges',
  sql: `
    SELECT
      edges.service AS service,
      edges.peer_type AS peer_type,
      leftUTF8(edges.peer, 300) AS peer,
      peers.peer_service AS peer_service,
      edges.requests AS requests,
      edges.errors AS errors,
      edges.mean_ms AS mean_ms
    FROM (
      SELECT
        ServiceName AS service,
        PeerType AS peer_type,
        toString(Peer) AS peer,
        toFloat64(sum(Requests)) AS requests,
        toFloat64(sum(Errors)) AS errors,
        sum(DurationSum) / greatest(sum(Requests), 1) / 1e6 AS mean_ms
      FROM otel_traces_edge_1m
      WHERE Time >= toStartOfMinute(fromUnixTimestamp64Milli({from_ms:Int64}))
        AND Time < fromUnixTimestamp64Milli({to_ms:Int64})
        AND NOT startsWith(ServiceName, 'tocsin-')
      GROUP BY service, peer_type, peer
      ORDER BY requests DESC
      LIMIT ${EDGES_LIMIT}
    ) AS edges
    LEFT JOIN (
      SELECT ServiceName AS service, PeerType AS peer_type, Peer AS peer, argMax(PeerService, LastSeen) AS peer_service
      FROM otel_service_peers
      GROUP BY service, peer_type, peer
    ) AS peers ON peers.service = edges.service AND peers.peer_type = edges.peer_type AND peers.peer = edges.peer
    ORDER BY requests DESC, service, peer_type, peer`,
};
