import type { ClickHouseClient } from '@tocsin/service/clickhouse';
import type { SeriesExpression, SeriesPoint } from './series.ts';

/** The most points that are read. */
const MAX_POINTS = 500;
/** A parameter that is filled in with a label of the alert. */
const LABEL = /\{(\w+):String\}/g;

/**
 * Charts in ClickHouse SQL: columns `time` (Unix milliseconds or a time), `value` and, where there is one, `is_bad`. Bound are `{from:DateTime64(9)}`,
 * `{now:DateTime64(9)}`, `{step:UInt32}` in seconds, and every label as `{name:String}`. The client is not closed here.
 */
export function createSqlSeries(client: ClickHouseClient, maxExecutionTimeS: number): SeriesExpression {
  return {
    async read(sql, labels, { fromMs, nowMs, stepMs }) {
      const named = [...sql.matchAll(LABEL)].map(([, name = '']) => [name, labels[name] ?? ''] as const);
      const answer = await client.query({
        query: `SELECT toUnixTimestamp64Milli(toDateTime64(time, 3)) AS time_ms, * FROM (\n${sql.trim().replace(/;$/, '')}\n) ORDER BY time_ms`,
        format: 'JSONEachRow',
        query_params: {
          ...Object.fromEntries(named),
          from: String(fromMs / 1_000),
          now: String(nowMs / 1_000),
          step: Math.max(1, Math.round(stepMs / 1_000)),
        },
        clickhouse_settings: {
          max_execution_time: maxExecutionTimeS,
          limit: String(MAX_POINTS),
          output_format_json_quote_denormals: 1,
        },
      });
      const rows = await answer.json<Readonly<Record<string, unknown>>>();
      return rows.map(toPoint);
    },
  };
}

function toPoint(row: Readonly<Record<string, unknown>>): SeriesPoint {
  const { time_ms: timeMs, value, is_bad: isBad } = row;
  const number = value === null || value === undefined ? Number.NaN : Number(value);
  return {
    timeMs: Number(timeMs),
    value: Number.isFinite(number) ? number : Number.NaN,
    isBad: Boolean(Number(isBad ?? 0)),
  };
}
