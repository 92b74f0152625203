import type { Slo } from '@tocsin/service/config';
import { matchesAny } from './sql-text.ts';

/** Runs of monitors are counted from the points themselves up to here; the rollup has whole hours. */
const POINTS_UP_TO_MS = 2 * 3_600_000;
/** How far before a window one looks for runs that show that it is covered. */
const LOOK_BACK_DAYS = 35;
const HOUR_S = 3_600;
const NOW = '{now:DateTime64(9)}';

/**
 * A SELECT of one row that counts over windows that end now: columns `total_<seconds>` and `good_<seconds>`, and `covered_<seconds>`: whether
 * there is data from before the window, so that it is not a shorter one in truth.
 * @param windowsMs the windows; whatever is counted by the minute or hour begins with the one the window begins in
 * @param coveredMs those of them that are asked whether they are covered
 */
export function countsSql(slo: Slo, windowsMs: readonly number[], coveredMs: readonly number[]): string {
  const counts = windowsMs.flatMap((windowMs) => {
    const isIn = slo.source.type === 'spans' ? inWindow(windowMs, 'Minute') : inRunsWindow(windowMs);
    return [`sumIf(Total, ${isIn}) AS total_${windowMs / 1_000}`, `sumIf(Good, ${isIn}) AS good_${windowMs / 1_000}`];
  });
  const covered = coveredMs.map((windowMs) => `(${coverSql(slo, windowMs)}) AS covered_${windowMs / 1_000}`);
  const rows = slo.source.type === 'spans' ? spanRows(slo, Math.max(...windowsMs)) : runRows(slo, windowsMs);
  return `SELECT ${[...counts, ...covered].join(',\n  ')}\nFROM (\n${rows}\n)`;
}

function inWindow(windowMs: number, unit: 'Minute' | 'Hour'): string {
  return `Time >= toStartOf${unit}(${NOW} - INTERVAL ${windowMs / 1_000} SECOND)`;
}

function inRunsWindow(windowMs: number): string {
  if (windowMs > POINTS_UP_TO_MS) return `NOT IsPoint AND ${inWindow(windowMs, 'Hour')}`;
  return `IsPoint AND Time > ${NOW} - INTERVAL ${windowMs / 1_000} SECOND`;
}

/** The last bucket whose middle is not above the limit. Source: docs/architecture.md, "Which table answers what". */
function lastGoodBucket(latencyMs: number): number {
  return Math.floor(Math.log2(latencyMs * 1e6) * 8 - 0.5);
}

function spanFilter({ source }: Slo): string {
  if (source.type !== 'spans') throw new TypeError('an SLO over spans');
  const conditions = [matchesAny('ServiceName', source.services), matchesAny('SpanKind', source.kinds)];
  if (source.operations) conditions.push(matchesAny('SpanName', source.operations));
  return conditions.join(' AND ');
}

function spanRows(slo: Slo, longestMs: number): string {
  const good =
    slo.latencyMs === undefined
      ? 'Requests - Errors'
      : `if(DurationBucket <= ${lastGoodBucket(slo.latencyMs)}, Requests - Errors, 0)`;
  return `  SELECT Time, Requests AS Total, ${good} AS Good FROM otel_traces_service_1m
  WHERE ${spanFilter(slo)} AND ${inWindow(longestMs, 'Minute')} AND Time <= ${NOW}`;
}

function runRows(slo: Slo, windowsMs: readonly number[]): string {
  const { source, latencyMs } = slo;
  if (source.type !== 'monitors') throw new TypeError('an SLO over monitors');
  const short = windowsMs.filter((windowMs) => windowMs <= POINTS_UP_TO_MS);
  const long = windowsMs.filter((windowMs) => windowMs > POINTS_UP_TO_MS);
  const parts: string[] = [];
  const passed = `IN ('up', 'degraded')`;
  if (short.length > 0) {
    const fast =
      latencyMs === undefined
        ? ''
        : ` AND StartTimeUnix > toDateTime64(0, 9) AND TimeUnix <= StartTimeUnix + toIntervalNanosecond(${latencyMs * 1e6})`;
    parts.push(`  SELECT true AS IsPoint, TimeUnix AS Time, toUInt64(greatest(Value, 0)) AS Total,
    if(Attributes['tocsin.probe.outcome'] ${passed}${fast}, Total, 0) AS Good FROM otel_metrics_sum
  WHERE ServiceName = 'tocsin-checker' AND MetricName = 'tocsin.probe.runs'
    AND TimeUnix > ${NOW} - INTERVAL ${Math.max(...short) / 1_000} SECOND AND TimeUnix <= ${NOW}
    AND ${matchesAny(`Attributes['tocsin.monitor.name']`, source.names)}
    AND Attributes['tocsin.probe.outcome'] != 'unknown' AND Attributes['tocsin.probe.excluded'] != 'true'`);
  }
  if (long.length > 0) {
    const runs =
      latencyMs === undefined
        ? 'Runs'
        : `arraySum(arrayFilter((count, bucket) -> bucket <= ${lastGoodBucket(latencyMs)} AND bucket >= 0, mapValues(DurationBuckets), mapKeys(DurationBuckets)))`;
    parts.push(`  SELECT false AS IsPoint, toDateTime64(Time, 9) AS Time, Runs AS Total, if(Outcome ${passed}, ${runs}, 0) AS Good
  FROM tocsin_probe_runs_1h AS hours
  WHERE ${runFilter(source.names)} AND hours.Time >= toStartOfHour(${NOW} - INTERVAL ${Math.max(...long) / 1_000} SECOND) AND hours.Time <= ${NOW}`);
  }
  return parts.join('\n  UNION ALL\n');
}

function runFilter(names: readonly string[]): string {
  return `${matchesAny('MonitorName', names)} AND Outcome != 'unknown' AND NOT IsExcluded`;
}

/**
 * Whether there was anything before the window began: a service that had been seen by then (when it had no traffic of that operation is known too),
 * or an hour of runs that had ended.
 */
function coverSql({ source }: Slo, windowMs: number): string {
  const edge = (moreS: number): string => `${NOW} - INTERVAL ${windowMs / 1_000 + moreS} SECOND`;
  if (source.type === 'spans')
    return `SELECT count() FROM otel_services WHERE ${matchesAny('ServiceName', source.services)} AND Signal = 'traces' AND FirstSeen <= ${edge(0)}`;
  const since = `${edge(HOUR_S)} - INTERVAL ${LOOK_BACK_DAYS} DAY`;
  return `SELECT count() FROM (SELECT 1 FROM tocsin_probe_runs_1h WHERE ${runFilter(source.names)} AND Time <= ${edge(HOUR_S)} AND Time > ${since} LIMIT 1)`;
}
