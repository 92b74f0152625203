import { setTimeout as wait } from 'node:timers/promises';
import { createClickHouse } from '@tocsin/service/clickhouse';
import { alertingUrl, type TocsinConfig } from '@tocsin/service/config';
import { createHttpServer, type Readiness } from '@tocsin/service/http';
import type { RunningService, ServiceContext } from '@tocsin/service/run';
import { stopInOrder } from '@tocsin/service/stop';
import { createAlertsClient } from './alerts/firing-alerts.ts';
import { loadMonitorPage } from './overview/monitor-page.ts';
import { loadOverview } from './overview/overview.ts';
import { shareOverview } from './overview/shared-overview.ts';
import { addRoutes } from './routes.ts';
import { createStatusPage } from './status/status-page.ts';
import { loadTrace } from './trace/load-trace.ts';

/** At the end, pages being made get this long, in ms; then their queries are cut off and they say so. */
const GRACE_MS = 1_500;
/** A page waits no longer than this for ClickHouse, in ms. */
const QUERY_LIMIT_MS = 5_000;

/** Starts the console: pages and their JSON on `console.http`, made from ClickHouse (read only) and alerting's API. */
export async function createDashboards(context: ServiceContext): Promise<RunningService> {
  const { config, log, onReload, internalKey } = context;
  let current: TocsinConfig = config;
  onReload((next) => {
    current = next;
  });
  const clickhouse = createClickHouse(config, {
    application: 'dashboards',
    readonly: true,
    requestTimeoutMs: QUERY_LIMIT_MS,
    log,
  });
  const alerts = createAlertsClient(alertingUrl(config), internalKey);
  const server = createHttpServer({
    address: config.console.http,
    takesVisitors: true,
    publicUrl: config.console.url,
    readiness: async (): Promise<Readiness> => {
      const { success } = await clickhouse.ping();
      return { ready: success, reasons: success ? [] : ['ClickHouse cannot be reached'] };
    },
  });
  const overview = shareOverview((nowMs) => loadOverview({ config: current, clickhouse, alerts }, nowMs));
  addRoutes(server.app, {
    overview,
    monitor: async (name, nowMs) => loadMonitorPage(name, await overview(nowMs), clickhouse),
    trace: (traceId) => loadTrace(clickhouse, traceId),
    now: Date.now,
    log,
  });
  const statusPage = await createStatusPage({ context, now: Date.now });
  statusPage.addTo(server.app);
  const url = await server.listen();
  const more = await statusPage.listen();
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    const closed = server.stop();
    await Promise.race([closed, wait(GRACE_MS, undefined, { ref: false })]);
    await stopInOrder([() => statusPage.stop(), () => alerts.stop(), () => clickhouse.close(), () => closed]);
  };
  return { listening: { 'console.http': url, ...more }, stop: () => (stopping ??= stop()) };
}
