import type { ClickHouseClient } from '@tocsin/service/clickhouse';
import { available, type Part } from '../part.ts';
import { monitorUptime } from '../queries/monitor-uptime.ts';
import { runQuery } from '../queries/run-query.ts';
import type { Overview } from '../overview/overview-types.ts';
import type { MonitorPage } from './contract-types.ts';

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
