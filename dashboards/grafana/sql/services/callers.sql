-- Who calls the services: edges that end at one, by the name that the caller gives it or by what traces have shown to answer there.
SELECT
  answering AS service,
  caller,
  callee AS address,
  calls / @{range} AS rate,
  failed / calls AS errors,
  duration / calls / 1e9 AS mean,
  longest
FROM (
  SELECT
    if(known.PeerService = '' AND edges.PeerType = 'service', edges.Peer, known.PeerService) AS answering,
    edges.ServiceName AS caller,
    edges.Peer AS callee,
    sum(edges.Requests) AS calls,
    sum(edges.Errors) AS failed,
    sum(edges.DurationSum) AS duration,
    max(edges.DurationMax) / 1e9 AS longest
  FROM otel_traces_edge_1m AS edges
  LEFT JOIN (
    SELECT ServiceName, PeerType, Peer, argMax(PeerService, LastSeen) AS PeerService
    FROM otel_service_peers
    GROUP BY ServiceName, PeerType, Peer
  ) AS known ON known.ServiceName = edges.ServiceName AND known.PeerType = edges.PeerType AND known.Peer = edges.Peer
  WHERE @{minutes}
    AND NOT startsWith(edges.ServiceName, 'tocsin-')
  GROUP BY answering, caller, callee
)
WHERE answering != ''
  AND $__conditionalAll(answering IN (${service:singlequote}), $service)
ORDER BY rate DESC
LIMIT 500
