import type { Statement } from './statement-types.ts';

/** A key of attributes of spans or of their resource. */
export interface KnownKeysRow {
  readonly source: string;
  readonly key: string;
}

/** Keys seen since a day, the most frequent first. */
export const knownKeys: Statement<{ from_ms: number }, KnownKeysRow> = {
  name: 'known_keys',
  sql: `
    SELECT Source AS source, Key AS key
    FROM otel_known_values
    WHERE Signal = 'traces'
      AND Date >= toDate(fromUnixTimestamp64Milli({from_ms:Int64}))
      AND length(Key) <= 200
    GROUP BY source, key
    ORDER BY sum(Seen) DESC, key
    LIMIT 500`,
};
