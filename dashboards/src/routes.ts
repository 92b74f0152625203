import type { Logger } from '@tocsin/service/log';
import type { FastifyInstance } from 'fastify';
import type { Access } from './access/access.ts';
import { addSessionRoutes } from './access/session-routes.ts';
import { allEndpoints, type ApiSources } from './api/endpoints.ts';
import { addEndpoints } from './api/framework/add-endpoints.ts';
import type { ErrorBody } from './api/framework/endpoint-types.ts';
import { addEventsRoute } from './live/events-route.ts';
import type { LiveFeed } from './live/live-feed.ts';
import type { Assets } from './web/assets.ts';
import { addWebRoutes } from './web/web-routes.ts';

/** What the routes are made from. */
export interface RouteSources extends ApiSources {
  readonly access: Access;
  readonly feed: LiveFeed;
  readonly assets: Assets | undefined;
  readonly log: Logger;
}

/** Adds the console's API, its events and its application to a server. */
export function addRoutes(app: FastifyInstance, sources: RouteSources): void {
  const { access, feed, assets, log } = sources;
  addWebRoutes(app, assets);
  addEndpoints(app, allEndpoints(sources), { identify: access.identify, log });
  addSessionRoutes(app, access);
  addEventsRoute(app, feed, access.identify);
  app.setErrorHandler((error, _request, reply) => {
    const status = statusOf(error);
    const body: ErrorBody =
      status >= 500
        ? { status: 'failed', reason: 'failed', message: 'This did not work. The log of the console says more.' }
        : { status: 'refused', reason: 'bad_request', message: 'The request cannot be understood.' };
    if (status >= 500) log.error({ err: error }, 'a request failed');
    return reply.code(status).header('cache-control', 'no-store').send(body);
  });
}

function statusOf(error: unknown): number {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' && status >= 400 && status < 600 ? status : 500;
}
