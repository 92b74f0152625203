-- What the services call, as their own client and producer spans name it, with the service that answers there where traces have shown it.
SELECT
  edges.ServiceName AS service,
  if(edges.Peer = '', '(not named)', edges.Peer) AS callee,
  edges.PeerType AS kind,
  any(known.PeerService) AS answered_by,
  sum(edges.Requests) / @{range} AS rate,
  sum(edges.Errors) / sum(edges.Requests) AS errors,
  sum(edges.DurationSum) / sum(edges.Requests) / 1e9 AS mean,
  max(edges.DurationMax) / 1e9 AS longest
FROM otel_traces_edge_1m AS edges
LEFT JOIN (
  SELECT ServiceName, PeerType, Peer, argMax(PeerService, LastSeen) AS PeerService
  FROM otel_service_peers
  GROUP BY ServiceName, PeerType, Peer
) AS known ON known.ServiceName = edges.ServiceName AND known.PeerType = edges.PeerType AND known.Peer = edges.Peer
WHERE @{minutes}
  AND NOT startsWith(edges.ServiceName, 'tocsin-')
  AND $__conditionalAll(edges.ServiceName IN (${service:singlequote}), $service)
GROUP BY service, callee, kind
ORDER BY rate DESC
LIMIT 500
