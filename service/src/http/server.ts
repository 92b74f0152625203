import type { ServerOptions } from 'node:http';
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { type Address, addressUrl } from '../config/index.ts';
import { type ForeignPagesOptions, refuseForeignPages } from './foreign-pages.ts';

export { isAllowedOrigin } from './foreign-pages.ts';

export { foreignPageReason } from './foreign-pages.ts';

const SWEEP_MS = 50;

/** Whether a service can do its work; `reasons` say what is missing, in words. */
export interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly string[];
}

/** What an HTTP server of a service is made of. */
export interface HttpServerOptions extends ForeignPagesOptions {
  readonly address: Address;
  /** Asked on every `GET /readyz`. */
  readonly readiness: () => Readiness | Promise<Readiness>;
  /** Options of Node's server, with TLS and without. */
  readonly server?: Pick<ServerOptions, 'connectionsCheckingInterval'>;
  /** Further options of Fastify, as `bodyLimit`. */
  readonly fastify?: FastifyServerOptions;
  /** Certificate chain and private key in PEM: the server speaks HTTPS. */
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer } | undefined;
}

/** A server that is set up but not listening: add routes to `app`, then `listen()`. */
export interface HttpServer {
  readonly app: FastifyInstance;
  /** Starts to listen. @returns the URL with the real port */
  listen(): Promise<string>;
  /** Stops accepting, lets running requests end, closes idle connections. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Makes a service's HTTP server with `GET /healthz` (the process lives) and `GET /readyz` (503 with reasons while it
 * cannot do its work). Schemas are strict: an unknown property is an error, not dropped. Pages of other sites in
 * a browser on this machine are refused (see `foreign-pages.ts`).
 */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { address, readiness, fastify = {}, server = {}, tls } = options;
  const app = Fastify({
    forceCloseConnections: 'idle',
    ...fastify,
    ...(tls
      ? { https: { ...server, ...tls } }
      : { http: { ...(fastify as { readonly http?: ServerOptions }).http, ...server } }),
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, ...fastify.ajv?.customOptions } },
  }) as FastifyInstance;
  refuseForeignPages(app, address.host, options);
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const { ready, reasons } = await readiness();
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', reasons });
  });
  let stopped: Promise<void> | undefined;
  return {
    app,
    async listen() {
      await app.listen({ host: address.host, port: address.port });
      const bound = app.server.address();
      const port = typeof bound === 'object' && bound ? bound.port : address.port;
      const url = addressUrl({ host: address.host, port });
      return tls ? url.replace('http:', 'https:') : url;
    },
    stop: () => (stopped ??= close(app)),
  };
}

/** A connection that was busy when the close began goes idle later, and would keep the server open for its keep-alive time. */
async function close(app: FastifyInstance): Promise<void> {
  const sweep = setInterval(() => app.server.closeIdleConnections(), SWEEP_MS);
  await app.close().finally(() => clearInterval(sweep));
}
