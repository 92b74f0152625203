-- What the processes said last, within the last two minutes of the time range.
SELECT if(count() = 0, NULL, @{over}(newest)) AS value
FROM (
  SELECT argMax(Value, TimeUnix) AS newest
  FROM @{table}
  WHERE $__timeFilter(TimeUnix)
    AND TimeUnix > $__toTime - 120
    AND @{of}
    AND MetricName = '@{metric}'
  GROUP BY cityHash64(ResourceAttributes), cityHash64(Attributes)
)
