import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createClickHouse } from '@tocsin/service/clickhouse';
import { alertingUrl, collectorUrl, type TocsinConfig } from '@tocsin/service/config';
import { createHttpServer, type Readiness } from '@tocsin/service/http';
import type { RunningService, ServiceContext } from '@tocsin/service/run';
import { stopInOrder } from '@tocsin/service/stop';
import { createAccess } from './access/access.ts';
import { readSessionKey } from './access/session-key.ts';
import { createAlertingClient } from './alerts/alerting-client.ts';
import { createMarkSender } from './deployments/send-mark.ts';
import { createLiveFeed } from './live/live-feed.ts';
import { loadOverview } from './overview/overview.ts';
import { shareOverview } from './overview/shared-overview.ts';
import { addRoutes } from './routes.ts';
import { readAssets } from './web/assets.ts';
import { createStatusPage } from './status/status-page.ts';

/** At the end, pages being made get this long, in ms; then their queries are cut off and they say so. */
const GRACE_MS = 1_500;
/** A page waits no longer than this for ClickHouse, in ms. */
const QUERY_LIMIT_MS = 5_000;
/** Open pages hear of a change after this time, in ms, at most. */
const LIVE_EVERY_MS = 5_000;
/** Where `deploy/bin/build-web.mjs` puts the application. */
const BUILT = join(import.meta.dirname, '../web/dist');

/** Starts the console: pages and their JSON on `console.http`, made from ClickHouse (read only) and alerting's API. */
export async function createDashboards(context: ServiceContext): Promise<RunningService> {
  const { config, dataDir, log, onReload, internalKey } = context;
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
  const alerting = createAlertingClient(alertingUrl(config), internalKey);
  const assets = await readAssets(BUILT);
  if (!assets) log.warn('the pages of the console are not built: run node deploy/bin/build-web.mjs');
  const server = createHttpServer({
    address: config.console.http,
    takesVisitors: true,
    publicUrl: config.console.url,
    readiness: async (): Promise<Readiness> => {
      const { success } = await clickhouse.ping();
      return { ready: success, reasons: success ? [] : ['ClickHouse cannot be reached'] };
    },
  });
  const access = createAccess({
    users: () => current.console.users,
    tokens: () => current.console.tokens,
    sessionAgeMs: () => current.console.sessionAgeMs,
    key: await readKey(config, dataDir),
    isHttps: config.console.url?.startsWith('https:') ?? false,
    now: Date.now,
  });
  const overview = shareOverview((nowMs) => loadOverview({ config: current, clickhouse, alerting }, nowMs));
  const feed = createLiveFeed([
    {
      name: 'overview',
      everyMs: LIVE_EVERY_MS,
      load: () => overview(Date.now()),
      essence: (value) => ({ ...value, atMs: 0 }),
    },
  ]);
  addRoutes(server.app, {
    clickhouse,
    alerting,
    config: () => current,
    overview,
    sendMark: createMarkSender(collectorUrl(config), internalKey),
    now: Date.now,
    access,
    feed,
    assets,
    log,
  });
  const statusPage = await createStatusPage({ context, alerting, access, now: Date.now });
  statusPage.addTo(server.app);
  const url = await server.listen();
  const more = await statusPage.listen();
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    feed.stop();
    const closed = server.stop();
    await Promise.race([closed, wait(GRACE_MS, undefined, { ref: false })]);
    await stopInOrder([() => statusPage.stop(), () => alerting.stop(), () => clickhouse.close(), () => closed]);
  };
  return { listening: { 'console.http': url, ...more }, stop: () => (stopping ??= stop()) };
}

/** A console without users keeps no file; those that a reload brings sign in until the next start. */
function readKey({ console: { users } }: TocsinConfig, dataDir: string): Promise<Buffer> {
  return users.length > 0 ? readSessionKey(dataDir) : Promise.resolve(randomBytes(32));
}
