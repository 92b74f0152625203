import type { ClickHouseClient } from '@tocsin/service/clickhouse';
import { available, type Part } from '../part.ts';
import { monitorUptime, type MonitorUptimeRow } from '../queries/monitor-uptime.ts';
import { runQuery } from '../queries/run-query.ts';
import type { MonitorView } from './monitors.ts';
import type { Overview } from './overview.ts';

/** Everything on a monitor's own page; also the answer of `GET /api/v1/monitors/NAME`. */
export interface MonitorPage {
  /** When it was asked, Unix ms. */
  readonly atMs: number;
  readonly monitor: MonitorView;
  readonly uptime: Part<readonly MonitorUptimeRow[]>;
}

/**
 * Loads a monitor's page; what the first page says of it is taken from there, so that both say the same.
 * @returns `undefined` for one that is not configured
 */
export async function loadMonitorPage(
  name: string,
  { monitors, atMs }: Overview,
  clickhouse: ClickHouseClient,
): Promise<Part<MonitorPage | undefined>> {
  if (monitors.status !== 'ok') return monitors;
  const monitor = monitors.value.find((one) => one.name === name);
  if (!monitor) return available(undefined);
  return available({
    atMs,
    monitor,
    uptime: await runQuery(clickhouse, monitorUptime, { monitor: name, now_ms: atMs }),
  });
}
