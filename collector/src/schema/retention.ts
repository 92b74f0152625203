import type { TocsinConfig } from '@tocsin/service/config';
import type { ClickHouseClient } from '@tocsin/service/clickhouse';
import type { Logger } from '@tocsin/service/log';

/** How long each signal is kept, in milliseconds; 0, or more than 50 years, keeps for ever. */
export type Retention = TocsinConfig['collector']['retention'];

/** A table whose rows leave a while after the time in one of its columns. */
interface KeptTable {
  readonly table: string;
  readonly column: string;
  readonly keepMs: number;
}

const DAY_MS = 86_400_000;

/** ClickHouse counts a TTL in seconds up to the year 2106 and begins again at 1970 after it: everything would be gone at once. */
const FOR_EVER_MS = 50 * 365 * DAY_MS;

/**
 * The tables and how long they keep. Rows leave by whole parts: a span of the morning stays until the evening's of the same
 * day may leave, and a little longer. The companion by trace id must outlive them all, for without its row a trace is
 * not found: it keeps two days more.
 */
function keptTables({ tracesMs, metricsMs, logsMs }: Retention): readonly KeptTable[] {
  const metrics = ['gauge', 'sum', 'histogram', 'exponential_histogram', 'summary'];
  return [
    { table: 'otel_traces', column: 'Timestamp', keepMs: tracesMs },
    { table: 'otel_traces_trace_id_ts', column: 'End', keepMs: tracesMs && tracesMs + 2 * DAY_MS },
    { table: 'otel_logs', column: 'Timestamp', keepMs: logsMs },
    ...metrics.map((kind) => ({ table: `otel_metrics_${kind}`, column: 'TimeUnix', keepMs: metricsMs })),
  ];
}

/**
 * Makes every table keep what the configuration says, and reads back that it does. A table that is right already is left alone.
 * @returns the tables that were changed
 */
export async function applyRetention(
  client: ClickHouseClient,
  retention: Retention,
  log: Logger,
): Promise<readonly string[]> {
  const before = await readTimeToLives(client);
  const wrong = keptTables(retention).filter((kept) => before.get(kept.table) !== timeToLive(kept));
  for (const kept of wrong) {
    const ttl = timeToLive(kept);
    await client.command({
      query: ttl ? `ALTER TABLE ${kept.table} MODIFY TTL ${ttl}` : `ALTER TABLE ${kept.table} REMOVE TTL`,
    });
  }
  if (wrong.length === 0) return [];
  const after = await readTimeToLives(client);
  for (const kept of wrong) {
    const isRight = after.get(kept.table) === timeToLive(kept);
    const said = { table: kept.table, ttl: after.get(kept.table) ?? 'none' };
    if (isRight) log.info(said, 'schema: retention changed');
    else log.error({ ...said, wanted: timeToLive(kept) ?? 'none' }, 'schema: ClickHouse did not take the retention');
  }
  return wrong.map(({ table }) => table);
}

/** The expression as ClickHouse itself writes it, so that it can be compared. */
function timeToLive({ column, keepMs }: KeptTable): string | undefined {
  if (keepMs === 0 || keepMs > FOR_EVER_MS) return undefined;
  return `toDateTime(${column}) + toIntervalSecond(${Math.ceil(keepMs / 1_000)})`;
}

const SELECT_ENGINES = `SELECT name, extract(engine_full, ' TTL (.+?)(?: SETTINGS |$)') AS ttl
FROM system.tables
WHERE database = currentDatabase() AND startsWith(name, 'otel_') AND engine LIKE '%MergeTree'`;

async function readTimeToLives(client: ClickHouseClient): Promise<ReadonlyMap<string, string | undefined>> {
  const result = await client.query({ query: SELECT_ENGINES, format: 'JSONEachRow' });
  const rows = await result.json<{ name: string; ttl: string }>();
  return new Map(rows.map(({ name, ttl }) => [name, ttl === '' ? undefined : ttl]));
}
