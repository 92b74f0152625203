SELECT
  id,
  id AS title,
  any(kind) AS subtitle,
  sum(requests) / @{range} AS mainstat,
  if(sum(requests) = 0, 0, sum(errors) / sum(requests)) AS secondarystat,
  secondarystat AS arc__failed,
  1 - secondarystat AS arc__good
FROM (
  SELECT ServiceName AS id, 'service' AS kind, sum(Requests) AS requests, sum(Errors) AS errors
  FROM otel_traces_service_1m
  WHERE @{minutes}
    AND SpanKind IN ('Server', 'Consumer')
    AND NOT startsWith(ServiceName, 'tocsin-')
    AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)
  GROUP BY id
  UNION ALL
  SELECT ServiceName AS id, 'service' AS kind, toUInt64(0) AS requests, toUInt64(0) AS errors
  FROM otel_traces_edge_1m
  WHERE @{minutes}
    AND NOT startsWith(ServiceName, 'tocsin-')
    AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)
  GROUP BY id
  UNION ALL
  SELECT
    if(known.PeerService = '', edges.Peer, known.PeerService) AS id,
    if(known.PeerService = '', edges.PeerType, 'service') AS kind,
    -- What answers for itself is counted there.
    if(kind = 'service', 0, sum(edges.Requests)) AS requests,
    if(kind = 'service', 0, sum(edges.Errors)) AS errors
  FROM otel_traces_edge_1m AS edges
  LEFT JOIN (
    SELECT ServiceName, PeerType, Peer, argMax(PeerService, LastSeen) AS PeerService
    FROM otel_service_peers
    GROUP BY ServiceName, PeerType, Peer
  ) AS known ON known.ServiceName = edges.ServiceName AND known.PeerType = edges.PeerType AND known.Peer = edges.Peer
  WHERE @{minutes}
    AND NOT startsWith(edges.ServiceName, 'tocsin-')
    AND $__conditionalAll(edges.ServiceName IN (${service:singlequote}), $service)
  GROUP BY id, kind
)
WHERE id != ''
GROUP BY id
ORDER BY sum(requests) DESC
LIMIT 200
