import type { Statement } from './statement-types.ts';

/** A trace with spans that are searched for. */
export interface TraceMatchesRow {
  readonly trace_id: string;
  /** Spans of it that match. */
  readonly matched: number;
  /** The longest of them; its begin in Unix ms, its duration in ms. */
  readonly at_ms: number;
  readonly duration_ms: number;
  readonly service: string;
  readonly name: string;
  readonly status: string;
}

/** What is searched for; an empty list asks for nothing. */
export type SearchParameters = {
  readonly services: readonly string[];
  readonly operations: readonly string[];
  /** `error`, `ok`, or empty for both. */
  readonly status: string;
  /** 1: only spans without a parent. */
  readonly root: number;
  /** Attributes that are equal: keys and values, one for one. */
  readonly span_keys: readonly string[];
  readonly span_values: readonly string[];
  readonly resource_keys: readonly string[];
  readonly resource_values: readonly string[];
  /** Other conditions: source (`span`, `resource`), key, operator (`!=`, `~`, `>`, `<`, `exists`) and value, one for one. */
  readonly other_sources: readonly string[];
  readonly other_keys: readonly string[];
  readonly other_operators: readonly string[];
  readonly other_values: readonly string[];
};

/** A stretch of time and of durations that one statement looks through: from included, to not. Unix ms; ns as text. */
export type BandParameters = {
  readonly from_ms: number;
  readonly to_ms: number;
  readonly min_ns: string;
  readonly max_ns: string;
  /** `slowest` or `newest`. */
  readonly sort: string;
};

/** So many spans are looked at, of which traces are made. */
export const MATCHED_SPANS = 4_000;
/** The most traces of one answer. */
export const TRACES_LIMIT = 100;

const equal = (map: string, source: string): string => `(empty({${source}_keys:Array(String)}) OR (
          hasAll(mapValues(${map}), {${source}_values:Array(String)})
          AND arrayAll((k, v) -> ${map}[k] = v, {${source}_keys:Array(String)}, {${source}_values:Array(String)})))`;

/**
 * Traces with spans that match all conditions. The primary key leads to service, operation and time; values that are equal are found by the index on the
 * maps' values. What is not asked for is a constant, and its column is not read.
 */
export const traceMatches: Statement<SearchParameters & BandParameters, TraceMatchesRow> = {
  name: 'trace_matches',
  sql: `
    SELECT
      trace_id,
      toFloat64(count()) AS matched,
      max(duration) / 1e6 AS duration_ms,
      argMax(toUnixTimestamp64Nano(at), duration) / 1e6 AS at_ms,
      argMax(leftUTF8(matched_service, 300), duration) AS service,
      argMax(leftUTF8(matched_name, 300), duration) AS name,
      argMax(matched_status, duration) AS status
    FROM (
      SELECT
        TraceId AS trace_id,
        Timestamp AS at,
        Duration AS duration,
        ServiceName AS matched_service,
        SpanName AS matched_name,
        StatusCode AS matched_status
      FROM otel_traces
      WHERE Timestamp >= fromUnixTimestamp64Milli({from_ms:Int64})
        AND Timestamp < fromUnixTimestamp64Milli({to_ms:Int64})
        AND Duration >= {min_ns:UInt64}
        AND Duration < {max_ns:UInt64}
        AND (notEmpty({services:Array(String)}) OR NOT startsWith(ServiceName, 'tocsin-'))
        AND (empty({services:Array(String)}) OR ServiceName IN {services:Array(String)})
        AND (empty({operations:Array(String)}) OR SpanName IN {operations:Array(String)})
        AND ({status:String} != 'error' OR StatusCode = 'Error')
        AND ({status:String} != 'ok' OR StatusCode != 'Error')
        AND ({root:UInt8} = 0 OR ParentSpanId = '')
        AND ${equal('SpanAttributes', 'span')}
        AND ${equal('ResourceAttributes', 'resource')}
        AND (empty({other_keys:Array(String)}) OR arrayAll(
          (source, k, operator, v) -> multiIf(
            operator = '!=', if(source = 'resource', ResourceAttributes[k], SpanAttributes[k]) != v,
            operator = '~', positionCaseInsensitiveUTF8(if(source = 'resource', ResourceAttributes[k], SpanAttributes[k]), v) > 0,
            operator = '>', toFloat64OrNull(if(source = 'resource', ResourceAttributes[k], SpanAttributes[k])) > toFloat64OrNull(v),
            operator = '<', toFloat64OrNull(if(source = 'resource', ResourceAttributes[k], SpanAttributes[k])) < toFloat64OrNull(v),
            if(source = 'resource', mapContains(ResourceAttributes, k), mapContains(SpanAttributes, k))) IS TRUE,
          {other_sources:Array(String)}, {other_keys:Array(String)}, {other_operators:Array(String)}, {other_values:Array(String)}))
      ORDER BY if({sort:String} = 'slowest', toInt64(Duration), toUnixTimestamp64Nano(Timestamp)) DESC
      LIMIT ${MATCHED_SPANS}
    )
    WHERE trace_id != ''
    GROUP BY trace_id
    ORDER BY if({sort:String} = 'slowest', duration_ms, at_ms) DESC
    LIMIT ${TRACES_LIMIT}`,
};
