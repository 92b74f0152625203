import { type AttributeParameters, attributesMatch } from './attribute-match.ts';

/** Which log records are meant. Times in Unix ms. */
export type LogParameters = AttributeParameters &
  Readonly<{
    from_ms: number;
    to_ms: number;
    /** Every one of these is in the body, in any case; none of the others. At most 20 each. */
    words: readonly string[];
    no_words: readonly string[];
    /** Empty: all. */
    services: readonly string[];
    severities: readonly string[];
    /** Empty: whatever. */
    trace_id: string;
  }>;

/**
 * The severity of a record as SQL, one of SEVERITIES: by its number (OpenTelemetry, Logs Data Model, "Field: SeverityNumber"), or where
 * it has none by its text.
 */
export const SEVERITY = `multiIf(
        SeverityNumber >= 21, 'fatal', SeverityNumber >= 17, 'error', SeverityNumber >= 13, 'warn',
        SeverityNumber >= 9, 'info', SeverityNumber >= 5, 'debug', SeverityNumber >= 1, 'trace',
        match(SeverityText, '(?i)^(fatal|crit|emerg|alert|panic)'), 'fatal', match(SeverityText, '(?i)^err'), 'error',
        match(SeverityText, '(?i)^warn'), 'warn', match(SeverityText, '(?i)^(info|notice)'), 'info',
        match(SeverityText, '(?i)^debug'), 'debug', match(SeverityText, '(?i)^(trace|verbose)'), 'trace', 'none')`;

/** Services and severities of `LogParameters`, as SQL: what the rollup knows as well. */
export const LOG_KINDS_MATCH = `(empty({services:Array(String)}) OR has({services:Array(String)}, ServiceName))
      AND (empty({severities:Array(String)}) OR has({severities:Array(String)}, ${SEVERITY}))`;

const valueOf = (key: string): string =>
  `if(mapContains(LogAttributes, ${key}), LogAttributes[${key}], ResourceAttributes[${key}])`;

/** The whole condition of `LogParameters` on `otel_logs`, as SQL; the first key of the table is said in its own words, without which the engine does not use it. */
export const LOGS_MATCH = `toStartOfFiveMinutes(Timestamp) >= toStartOfFiveMinutes(fromUnixTimestamp64Milli({from_ms:Int64}))
      AND toStartOfFiveMinutes(Timestamp) <= toStartOfFiveMinutes(fromUnixTimestamp64Milli({to_ms:Int64}))
      AND Timestamp >= fromUnixTimestamp64Milli({from_ms:Int64})
      AND Timestamp <= fromUnixTimestamp64Milli({to_ms:Int64})
      AND ${LOG_KINDS_MATCH}
      AND ({trace_id:String} = '' OR TraceId = {trace_id:String})
      AND (empty({words:Array(String)}) OR NOT has(multiSearchAllPositionsCaseInsensitiveUTF8(Body, {words:Array(String)}), 0))
      AND (empty({no_words:Array(String)}) OR NOT multiSearchAnyCaseInsensitiveUTF8(Body, {no_words:Array(String)}))
      AND ${attributesMatch(valueOf)}`;
