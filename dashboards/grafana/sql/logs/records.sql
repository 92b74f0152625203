-- The rollup knows in which minutes the last 500 records were, so only these are read, unless a text is looked for.
WITH
  (
    SELECT min(minute)
    FROM (
      SELECT Time AS minute, sum(sumIf(Records, Time + 60 <= $__toTime)) OVER (ORDER BY Time DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS newer
      FROM otel_logs_1m
      WHERE @{minutes}
        AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)
        AND $__conditionalAll(@{level} IN (${level:singlequote}), $level)
      GROUP BY minute
    )
    WHERE newer < 500
  ) AS last_minutes
SELECT
  Timestamp AS timestamp,
  Body AS body,
  @{level} AS level,
  ServiceName AS service,
  TraceId AS trace,
  SpanId AS span
FROM otel_logs
WHERE $__timeFilter(Timestamp)
  AND Timestamp >= if(concat(${search:singlequote}, ${trace_id:singlequote}) = '', ifNull(last_minutes, $__fromTime), $__fromTime)
  AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)
  AND $__conditionalAll(@{level} IN (${level:singlequote}), $level)
  AND $__conditionalAll(positionCaseInsensitiveUTF8(Body, ${search:singlequote}) > 0, $search)
  AND $__conditionalAll(TraceId = ${trace_id:singlequote}, $trace_id)
ORDER BY Timestamp DESC
LIMIT 500
