import type { Statement } from './statement-types.ts';

/** A key of attributes that has been seen. */
export interface SignalKeysRow {
  readonly key: string;
  /** `resource`, or the record's, point's or span's own: `log`, `point`, `span`. */
  readonly source: string;
}

/** Keys of a signal's attributes (of one metric where `name` says one), seen since a day, the most frequent first. From the samples that the collector keeps. */
export const signalKeys: Statement<{ signal: string; name: string; from_ms: number }, SignalKeysRow> = {
  name: 'signal_keys',
  sql: `
    SELECT Key AS key, Source AS source
    FROM otel_known_values
    WHERE Signal = {signal:String}
      AND Source IN ('resource', 'log', 'point', 'span')
      AND ({name:String} = '' OR Name = {name:String})
      AND Date >= toDate(fromUnixTimestamp64Milli({from_ms:Int64}))
    GROUP BY key, source
    ORDER BY sum(Seen) DESC, key
    LIMIT 300`,
};
