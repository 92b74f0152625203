import { isAllowedOrigin } from '@tocsin/service/http';
import type { FastifyInstance } from 'fastify';

/** For how long a browser need not ask again, in seconds. */
const MAX_AGE_S = 7_200;
const REQUEST_HEADERS = 'content-type, content-encoding, authorization, x-api-key, idempotency-key';

/**
 * Lets pages of the configured origins send telemetry: answers the browser's question beforehand, and marks the answers that a page may
 * read. Everything else of other origins has been refused before this. Source: Fetch Standard, "CORS protocol".
 */
export function allowOrigins(app: FastifyInstance, paths: Iterable<string>, origins: readonly string[]): void {
  if (origins.length === 0) return;
  app.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers;
    reply.header('vary', 'origin');
    if (origin !== undefined && isAllowedOrigin(origin, origins))
      reply.header('access-control-allow-origin', origin).header('access-control-expose-headers', 'retry-after');
    done();
  });
  for (const path of paths)
    app.options(path, (_request, reply) =>
      reply
        .code(204)
        .header('access-control-allow-methods', 'POST')
        .header('access-control-allow-headers', REQUEST_HEADERS)
        .header('access-control-max-age', String(MAX_AGE_S))
        .send(),
    );
}
