import type { ClickHouseClient } from '@tocsin/service/clickhouse';
import { available, type Part } from '../part.ts';
import { monitorExpiry } from '../queries/monitor-expiry.ts';
import { monitorOwnDays } from '../queries/monitor-own-days.ts';
import { monitorUptime } from '../queries/monitor-uptime.ts';
import { runQuery } from '../queries/run-query.ts';
import type { Overview } from '../overview/overview-types.ts';
import type { MonitorPage } from './contract-types.ts';
import { firstDayMs, viewDays } from './days.ts';

/** A certificate that no run has seen for so long is not told of, in ms: daily monitors have seen it. */
const CERTIFICATE_MS = 2 * 86_400_000;

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
  const now = { monitor: name, now_ms: atMs };
  const [uptime, days, certificates] = await Promise.all([
    runQuery(clickhouse, monitorUptime, now),
    runQuery(clickhouse, monitorOwnDays, { ...now, since_ms: firstDayMs(atMs) }),
    runQuery(clickhouse, monitorExpiry, { ...now, since_ms: atMs - CERTIFICATE_MS }),
  ]);
  return available({
    atMs,
    monitor,
    uptime,
    days: days.status === 'ok' ? available(viewDays(days.value, atMs)) : days,
    certificates,
  });
}
