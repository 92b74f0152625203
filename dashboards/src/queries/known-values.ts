import type { Statement } from './statement-types.ts';

/** A value of a key. */
export interface KnownValuesRow {
  readonly value: string;
}

/** Values of a key seen since a day, the most frequent first. One of 128 characters may be the begin of a longer one, and is left out. */
export const knownValues: Statement<{ source: string; key: string; from_ms: number }, KnownValuesRow> = {
  name: 'known_values',
  sql: `
    SELECT Value AS value
    FROM otel_known_values
    WHERE Signal = 'traces'
      AND Source = {source:String}
      AND Name = ''
      AND Key = {key:String}
      AND Date >= toDate(fromUnixTimestamp64Milli({from_ms:Int64}))
      AND lengthUTF8(Value) < 128
    GROUP BY value
    ORDER BY sum(Seen) DESC, value
    LIMIT 100`,
};
