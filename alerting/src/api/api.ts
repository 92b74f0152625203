import { createHttpServer, type HttpServer, type Readiness } from '@tocsin/service/http';
import type { TocsinConfig } from '@tocsin/service/config';
import type { Notifier } from '../notify/notifier.ts';
import { DELIVERY_STATUSES, listDeliveries } from '../outbox/delivery-log.ts';
import type { SloStatus } from '../slo/slo-status.ts';
import type { Database } from '../store/database.ts';
import { listGettableAlerts } from './alerts.ts';
import { choiceParameter, integerParameter, type Query, QueryError, textParameter } from './query.ts';
import { formatRouting } from './status.ts';

/** What the API shows. */
export interface ApiOptions {
  /** The configuration in force; the address is read once. */
  readonly config: () => TocsinConfig;
  readonly database: Database;
  readonly notifier: Pick<Notifier, 'alerts' | 'receiversOf'>;
  readonly sloStatus: () => Promise<readonly SloStatus[]>;
  readonly readiness: () => Readiness;
  readonly version: string;
  readonly now: () => number;
}

/**
 * Makes the server of alerting's API: Alertmanager's v2 (alerts, receivers, status, health) for reading, and our delivery log.
 * Source: Alertmanager, OpenAPI specification of API v2.
 */
export function createApi(options: ApiOptions): HttpServer {
  const { config, database, notifier, readiness, now } = options;
  const startedAt = new Date(now()).toISOString();
  const server = createHttpServer({ address: config().alerting.http, readiness });
  const { app } = server;

  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof QueryError)
      return reply.code(400).type('application/json').send(JSON.stringify(error.message));
    throw error;
  });
  app.get('/-/healthy', (_request, reply) => reply.type('text/plain').send('OK'));
  app.get('/-/ready', (_request, reply) => {
    const { ready, reasons } = readiness();
    return reply
      .code(ready ? 200 : 503)
      .type('text/plain')
      .send(ready ? 'OK' : reasons.join('\n'));
  });
  app.get<{ Querystring: Query }>('/api/v2/alerts', ({ query }) => {
    const nowMs = now();
    const { resolveTimeoutMs } = config().alerting;
    const alerts = notifier.alerts.listAlerts(nowMs);
    return listGettableAlerts({ alerts, receiversOf: notifier.receiversOf, resolveTimeoutMs }, query, nowMs);
  });
  app.get('/api/v2/receivers', () => config().alerting.receivers.map(({ name }) => ({ name })));
  app.get('/api/v2/status', () => ({
    cluster: { status: 'disabled', peers: [] },
    config: { original: formatRouting(config().alerting) },
    uptime: startedAt,
    versionInfo: {
      branch: '',
      buildDate: '',
      buildUser: '',
      goVersion: '',
      revision: '',
      version: `tocsin-${options.version}`,
    },
  }));
  app.get('/api/v1/slos', async () => ({ slos: await options.sloStatus() }));
  app.get<{ Querystring: Query }>('/api/v1/deliveries', ({ query }) => ({
    deliveries: listDeliveries(database, {
      limit: integerParameter(query, 'limit', { min: 1, max: 1_000, fallback: 100 }),
      status: choiceParameter(query, 'status', DELIVERY_STATUSES),
      receiver: textParameter(query, 'receiver'),
    }),
  }));
  return server;
}
