import { clickhouseUrl, addressUrl, collectorUrl, type TocsinConfig } from '@tocsin/service/config';
import type { ClickHouseClient } from '@tocsin/service/clickhouse';
import type { AlertingClient } from '../alerts/alerting-client.ts';
import { loadFiring } from '../alerts/firing-alerts.ts';
import { available, type Part } from '../part.ts';
import { monitorAvailability } from '../queries/monitor-availability.ts';
import { monitorPhases } from '../queries/monitor-phases.ts';
import { monitorRuns } from '../queries/monitor-runs.ts';
import { monitorVerdicts } from '../queries/monitor-verdicts.ts';
import { runQuery } from '../queries/run-query.ts';
import { servicesSeen } from '../queries/services-seen.ts';
import type { MonitorView } from './monitor-types.ts';
import { lookbackMs, viewMonitors } from './monitors.ts';
import type { Overview } from './overview-types.ts';
import { rateSinceMs, SEEN_WINDOW_MS, viewServices } from './services.ts';

/** What an overview is made from. */
export interface OverviewSources {
  readonly config: TocsinConfig;
  readonly clickhouse: ClickHouseClient;
  readonly alerting: AlertingClient;
}

const DAY_MS = 86_400_000;

/** Asks all sources at once; each fails alone. */
export async function loadOverview(
  { config, clickhouse, alerting }: OverviewSources,
  nowMs: number,
): Promise<Overview> {
  const [monitors, firing, services] = await Promise.all([
    loadMonitors(config, clickhouse, nowMs),
    loadFiring(alerting),
    runQuery(clickhouse, servicesSeen, {
      since_ms: nowMs - SEEN_WINDOW_MS,
      rate_since_ms: rateSinceMs(nowMs),
      now_ms: nowMs,
    }),
  ]);
  return {
    atMs: nowMs,
    monitors,
    alerts: firing,
    services: services.status === 'ok' ? available(viewServices(services.value, nowMs)) : services,
    send: { http: collectorUrl(config), grpc: addressUrl(config.collector.grpc) },
    links: {
      clickhouse: withoutPassword(clickhouseUrl(config)),
      alerts: `${addressUrl(config.alerting.http)}/api/v2/alerts`,
      grafana: config.console.grafanaUrl,
    },
  };
}

async function loadMonitors(
  { monitors }: TocsinConfig,
  clickhouse: ClickHouseClient,
  nowMs: number,
): Promise<Part<readonly MonitorView[]>> {
  if (monitors.length === 0) return available([]);
  const window = { since_ms: nowMs - lookbackMs(monitors), now_ms: nowMs };
  const [verdicts, runs, phases, availability] = await Promise.all([
    runQuery(clickhouse, monitorVerdicts, { now_ms: nowMs }),
    runQuery(clickhouse, monitorRuns, window),
    runQuery(clickhouse, monitorPhases, window),
    runQuery(clickhouse, monitorAvailability, { since_ms: nowMs - DAY_MS, now_ms: nowMs }),
  ]);
  if (verdicts.status !== 'ok') return verdicts;
  if (runs.status !== 'ok') return runs;
  const telemetry = {
    verdicts: verdicts.value,
    runs: runs.value,
    phases: phases.status === 'ok' ? phases.value : [],
    availability: availability.status === 'ok' ? availability.value : [],
  };
  return available(viewMonitors(monitors, telemetry, nowMs));
}

/** A URL in the configuration may carry a user and a password; the page shows neither. */
function withoutPassword(text: string): string {
  const url = new URL(text);
  url.username = '';
  url.password = '';
  return url.href;
}
