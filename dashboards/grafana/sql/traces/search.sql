-- The rollup knows in which minutes the last 200 such spans were, so only these are read; of attributes it knows nothing.
WITH
  toUInt64(toFloat64OrZero(${min_ms:singlequote}) * 1e6) AS least_ns,
  (
    SELECT min(minute)
    FROM (
      SELECT
        Time AS minute,
        sum(
          sumIf(
            if($__conditionalAll(hasAny([${status:singlequote}], ['Unset', 'Ok']), $status), Requests - Errors, 0)
              + if($__conditionalAll(has([${status:singlequote}], 'Error'), $status), Errors, 0),
            Time + 60 <= $__toTime
          )
        ) OVER (ORDER BY Time DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS newer
      FROM otel_traces_service_1m
      WHERE @{minutes}
        AND (toUInt64(toFloat64OrZero(${min_ms:singlequote}) * 1e6) = 0 OR DurationBucket > log2(toFloat64OrZero(${min_ms:singlequote}) * 1e6) * 8)
        AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)
        AND $__conditionalAll(SpanName IN (${operation:singlequote}), $operation)
        AND $__conditionalAll(SpanKind IN (${kind:singlequote}), $kind)
      GROUP BY minute
    )
    WHERE newer < 200
  ) AS last_minutes
SELECT
  Timestamp AS time,
  ServiceName AS service,
  SpanName AS operation,
  SpanKind AS kind,
  StatusCode AS status,
  Duration / 1e9 AS duration,
  StatusMessage AS message,
  TraceId AS trace
FROM otel_traces
WHERE $__timeFilter(Timestamp)
  AND Timestamp >= if(${attribute:singlequote} = '', ifNull(last_minutes, $__fromTime), $__fromTime)
  AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)
  AND $__conditionalAll(SpanName IN (${operation:singlequote}), $operation)
  AND $__conditionalAll(SpanKind IN (${kind:singlequote}), $kind)
  AND $__conditionalAll(StatusCode IN (${status:singlequote}), $status)
  AND $__conditionalAll((SpanAttributes[${attribute:singlequote}] = ${value:singlequote} OR ResourceAttributes[${attribute:singlequote}] = ${value:singlequote}), $attribute)
  AND Duration >= least_ns
ORDER BY Timestamp DESC
LIMIT 200
