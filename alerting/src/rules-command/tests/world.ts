import type { ClickHouseClient } from '@tocsin/service/clickhouse';
import { parseDuration } from '@tocsin/service/config';
import type { TestRows, TestSeries } from '@tocsin/service/rule-tests';
import { parseSeries } from './series.ts';

/** ClickHouse for a test: what is written here is gone with it. */
export interface TestWorld {
  /** Empties every table. */
  clear(): Promise<void>;
  /** @throws SeriesError where a series cannot be read */
  writeSeries(series: readonly TestSeries[], startMs: number, intervalMs: number): Promise<void>;
  writeRows(rows: readonly TestRows[], startMs: number): Promise<void>;
}

interface Column {
  readonly name: string;
  readonly type: string;
}

/** @param client may write, and names the database with the collector's schema */
export function createTestWorld(client: ClickHouseClient): TestWorld {
  const read = async <Row>(query: string, params: Readonly<Record<string, string>> = {}): Promise<Row[]> => {
    const result = await client.query({ query, query_params: params, format: 'JSONEachRow' });
    return result.json<Row>();
  };
  const insert = (table: string, values: readonly unknown[]): Promise<unknown> =>
    client.insert({
      table,
      values,
      format: 'JSONEachRow',
      clickhouse_settings: { date_time_input_format: 'best_effort', async_insert: 0, insert_deduplicate: 0 },
    });
  let tables: readonly string[] | undefined;

  return {
    async clear() {
      // A test may play long ago: its rows are not to expire meanwhile.
      if (!tables) await client.command({ query: 'SYSTEM STOP MERGES' });
      tables ??= (
        await read<{ name: string }>(
          `SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree' AND name != 'tocsin_migrations'`,
        )
      ).map(({ name }) => name);
      for (const name of tables) await client.command({ query: `TRUNCATE TABLE \`${name}\`` });
    },
    async writeSeries(list, startMs, intervalMs) {
      for (const kind of ['gauge', 'sum'] as const) {
        const points = list.filter((one) => one.kind === kind).flatMap((one) => pointsOf(one, startMs, intervalMs));
        if (points.length > 0) await insert(`otel_metrics_${kind}`, points);
      }
    },
    async writeRows(list, startMs) {
      for (const { table, rows, everyMs, times } of list) {
        const columns = await read<Column>(
          'SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {table:String}',
          { table },
        );
        if (columns.length === 0) throw new Error(`input_rows: expected a table of Tocsin's, found ${table}`);
        const moments = Array.from({ length: times }, (_, at) => startMs + at * everyMs);
        await insert(
          table,
          moments.flatMap((momentMs) => rows.map((row) => placeInTime(row, columns, momentMs))),
        );
      }
    },
  };
}

function pointsOf({ series, values, kind, resource }: TestSeries, startMs: number, intervalMs: number): object[] {
  const parsed = parseSeries(series, values);
  const shared = {
    ResourceAttributes: resource,
    ServiceName: resource['service.name'] ?? '',
    MetricName: parsed.metric,
    Attributes: parsed.attributes,
    ...(kind === 'sum' ? { AggregationTemporality: 2, IsMonotonic: true } : {}),
  };
  return parsed.values.flatMap((value, at) =>
    value === undefined
      ? []
      : [
          {
            ...shared,
            StartTimeUnix: isoOf(startMs),
            TimeUnix: isoOf(startMs + at * intervalMs),
            Value: numberOf(value),
          },
        ],
  );
}

/** A duration in a column of times is a moment from the test's start. */
function placeInTime(row: Readonly<Record<string, unknown>>, columns: readonly Column[], momentMs: number): object {
  const placed = Object.entries(row).map(([name, value]) => {
    const column = columns.find((one) => one.name === name);
    if (!column)
      throw new Error(`input_rows: expected a column (${columns.map((one) => one.name).join(', ')}), found ${name}`);
    const durationMs = column.type.startsWith('DateTime') ? parseDuration(String(value)) : undefined;
    return [name, durationMs === undefined ? value : isoOf(momentMs + durationMs)] as const;
  });
  return Object.fromEntries(placed);
}

function isoOf(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

/** JSON has no infinity; ClickHouse reads the words. */
function numberOf(value: number): number | string {
  return Number.isFinite(value) ? value : String(value).replace('Infinity', 'inf').toLowerCase();
}
