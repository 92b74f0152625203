import type { Statement } from './statement-types.ts';

/** A metric that has been seen. */
export interface MetricNamesRow {
  readonly name: string;
  /** `gauge`, `sum`, `histogram`, `exponential_histogram`, `summary`; several where senders do not agree. */
  readonly kinds: readonly string[];
  readonly unit: string;
  /** Its first 128 characters. */
  readonly description: string;
  readonly services: readonly string[];
}

/** The most metrics that one answer lists. */
export const METRIC_NAMES_LIMIT = 500;

/** Metrics with every one of these texts in name or description, seen since a day, in the order of their names. */
export const metricNames: Statement<{ words: readonly string[]; from_ms: number }, MetricNamesRow> = {
  name: 'metric_names',
  sql: `
    SELECT
      Name AS name,
      arraySort(groupUniqArrayIf(Value, Source = 'metric' AND Key = 'kind')) AS kinds,
      argMaxIf(Value, LastSeen, Source = 'metric' AND Key = 'unit') AS unit,
      argMaxIf(Value, LastSeen, Source = 'metric' AND Key = 'description') AS description,
      arraySort(groupUniqArrayIf(10)(Value, Source = 'resource')) AS services
    FROM otel_known_values
    WHERE Signal = 'metrics'
      AND ((Source = 'metric' AND Key IN ('kind', 'unit', 'description')) OR (Source = 'resource' AND Key = 'service.name'))
      AND Date >= toDate(fromUnixTimestamp64Milli({from_ms:Int64}))
    GROUP BY name
    HAVING notEmpty(kinds)
      AND arrayAll(word -> positionCaseInsensitiveUTF8(concat(name, ' ', description), word) > 0, {words:Array(String)})
    ORDER BY startsWith(name, 'tocsin.'), name
    LIMIT ${METRIC_NAMES_LIMIT}`,
};
