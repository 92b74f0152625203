import type { ClickHouseClient } from '@tocsin/service/clickhouse';
import type { Logger } from '@tocsin/service/log';
import { type Cluster, databaseExpression, localName, storedTable, systemTable } from './cluster/cluster.ts';
import { KEPT_TABLES, type KeptTable, type Retention } from './retention-table.ts';

export type { Retention } from './retention-table.ts';

/** What `system.tables` says of one table, against what the configuration says. Seconds; 0 is for ever. */
export interface TableRetention {
  readonly table: string;
  readonly wantedS: number;
  /** `undefined` for an expression that is not ours, or where the hosts of a cluster differ. */
  readonly inForceS: number | undefined;
  readonly isApplied: boolean;
  /** Whether it was brought in line now. */
  readonly hasChanged: boolean;
}

const DAY_S = 86_400;

/** ClickHouse counts a TTL in seconds up to the year 2106 and begins again at 1970 after it: everything would be gone at once. */
const FOR_EVER_S = 50 * 365 * DAY_S;

/** How many seconds a table keeps a row; 0 is for ever. */
export function wantedSeconds({ follows, outlivesDays = 0 }: KeptTable, retention: Retention): number {
  const { tracesMs, metricsMs, logsMs, rollupsMs } = retention;
  const ms = { traces: tracesMs, metrics: metricsMs, logs: logsMs, rollups: rollupsMs }[follows];
  const seconds = Math.ceil(ms / 1_000) + outlivesDays * DAY_S;
  return ms === 0 || seconds > FOR_EVER_S ? 0 : seconds;
}

/**
 * Makes every table keep what the configuration says, in one go, and reads back from `system.tables` that it does. A table that is right already is
 * left alone; one that cannot be changed does not keep the others from it. In the background ClickHouse calculates anew when each part may go, in
 * both directions; of the columns it touches that of the time alone (`materialize_ttl_recalculate_only`, docs/decisions/0008).
 * @returns every table that was there
 */
export async function applyRetention(
  client: ClickHouseClient,
  retention: Retention,
  log: Logger,
  cluster?: Cluster,
): Promise<readonly TableRetention[]> {
  const before = await readTimeToLives(client, cluster);
  const wrong = KEPT_TABLES.filter(
    (kept) => before.has(kept.table) && before.get(kept.table) !== ttlOf(kept, retention),
  );
  for (const kept of wrong) await changeTable(client, kept, retention, log, cluster);
  const after = wrong.length === 0 ? before : await readTimeToLives(client, cluster);
  const changed = new Set(wrong.map(({ table }) => table));
  // One that a migration has made meanwhile is seen to next time.
  const known = KEPT_TABLES.filter(({ table }) => before.has(table) && after.has(table));
  const report = known.map((kept) => {
    const ttl = after.get(kept.table);
    const isApplied = ttl === ttlOf(kept, retention);
    const hasChanged = isApplied && changed.has(kept.table);
    return {
      table: kept.table,
      wantedS: wantedSeconds(kept, retention),
      inForceS: secondsOf(ttl),
      isApplied,
      hasChanged,
    };
  });
  sayRetention(report, log);
  return report;
}

async function changeTable(
  client: ClickHouseClient,
  kept: KeptTable,
  retention: Retention,
  log: Logger,
  cluster: Cluster | undefined,
): Promise<void> {
  const ttl = ttlOf(kept, retention);
  const change = ttl === '' ? 'REMOVE TTL' : `MODIFY TTL ${ttl}`;
  try {
    await client.command({
      query: `ALTER TABLE ${storedTable(kept.table, cluster)} ${change}`,
      clickhouse_settings: { mutations_sync: '0', materialize_ttl_after_modify: 1 },
    });
  } catch (error) {
    // A right that is missing, or a server that went away meanwhile: what is read back says that it is not applied.
    const message = error instanceof Error ? error.message : String(error);
    log.error({ table: kept.table, error: message }, 'retention: a table cannot be changed');
  }
}

function sayRetention(report: readonly TableRetention[], log: Logger): void {
  for (const { table, wantedS, inForceS, isApplied } of report)
    if (!isApplied)
      log.error(
        { table, wanted_s: wantedS, in_force_s: inForceS ?? 'another' },
        'retention: ClickHouse has another one than configured',
      );
  if (!report.some(({ hasChanged }) => hasChanged)) return;
  const inForce = Object.fromEntries(
    report.map(({ table, inForceS }) => [table, inForceS === 0 ? 'for ever' : inForceS]),
  );
  log.info({ in_force_s: inForce }, 'retention: in force, as system.tables says');
}

/** The expression as ClickHouse itself writes it, so that it can be compared; empty for ever. */
function ttlOf(kept: KeptTable, retention: Retention): string {
  const seconds = wantedSeconds(kept, retention);
  return seconds === 0 ? '' : `toDateTime(${kept.time}) + toIntervalSecond(${seconds})`;
}

function secondsOf(ttl: string | undefined): number | undefined {
  if (ttl === '') return 0;
  const match = /^toDateTime\(\w+\) \+ toIntervalSecond\((\d+)\)$/.exec(ttl ?? '');
  return match ? Number(match[1]) : undefined;
}

/** The TTL of each table; where the hosts of a cluster differ, all of them in one text that equals none. */
async function readTimeToLives(
  client: ClickHouseClient,
  cluster: Cluster | undefined,
): Promise<ReadonlyMap<string, string>> {
  const names = KEPT_TABLES.map(({ table }) => (cluster ? localName(table) : table));
  const result = await client.query({
    query: `SELECT name, arrayStringConcat(arraySort(groupUniqArray(extract(engine_full, ' TTL (.+?)(?: SETTINGS |$)'))), ' | ') AS ttl
FROM ${systemTable('tables', cluster)}
WHERE database = ${databaseExpression(cluster)} AND has({names:Array(String)}, name)
GROUP BY name`,
    query_params: { names },
    format: 'JSONEachRow',
  });
  const rows = await result.json<{ name: string; ttl: string }>();
  return new Map(rows.map(({ name, ttl }) => [cluster ? name.replace(/_local$/, '') : name, ttl]));
}
