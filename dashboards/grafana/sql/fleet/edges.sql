SELECT
  concat(source, ' ', target) AS id,
  source,
  target,
  calls / @{range} AS mainstat,
  failed / calls AS secondarystat
FROM (
  SELECT
    edges.ServiceName AS source,
    if(known.PeerService = '', edges.Peer, known.PeerService) AS target,
    sum(edges.Requests) AS calls,
    sum(edges.Errors) AS failed
  FROM otel_traces_edge_1m AS edges
  LEFT JOIN (
    SELECT ServiceName, PeerType, Peer, argMax(PeerService, LastSeen) AS PeerService
    FROM otel_service_peers
    GROUP BY ServiceName, PeerType, Peer
  ) AS known ON known.ServiceName = edges.ServiceName AND known.PeerType = edges.PeerType AND known.Peer = edges.Peer
  WHERE @{minutes}
    AND NOT startsWith(edges.ServiceName, 'tocsin-')
    AND $__conditionalAll(edges.ServiceName IN (${service:singlequote}), $service)
  GROUP BY source, target
)
WHERE target != ''
ORDER BY calls DESC
LIMIT 500
