import type { Statement } from './statement-types.ts';

/** A value that an attribute had. */
export interface SignalValuesRow {
  /** Its first 128 characters. */
  readonly value: string;
}

/** Values of an attribute with this text in them, seen since a day, the most frequent first. From the samples that the collector keeps. */
export const signalValues: Statement<
  { signal: string; name: string; key: string; part: string; from_ms: number },
  SignalValuesRow
> = {
  name: 'signal_values',
  sql: `
    SELECT Value AS value
    FROM otel_known_values
    WHERE Signal = {signal:String}
      AND Source IN ('resource', 'log', 'point', 'span')
      AND ({name:String} = '' OR Name = {name:String})
      AND Key = {key:String}
      AND Date >= toDate(fromUnixTimestamp64Milli({from_ms:Int64}))
      AND ({part:String} = '' OR positionCaseInsensitiveUTF8(Value, {part:String}) > 0)
    GROUP BY value
    ORDER BY sum(Seen) DESC, value
    LIMIT 100`,
};
