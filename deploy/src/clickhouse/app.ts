import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { embeddedCredentials } from '@tocsin/service/embedded-credentials';
import { segmentFolder } from '@tocsin/service/segment-handover';
import { createHttpServer } from '@tocsin/service/http';
import type { RunningService, ServiceContext } from '@tocsin/service/run';
import { ENGINE_ACCESS } from './access/access.ts';
import { createUsers } from './access/users.ts';
import { LANES, startEngine } from './engine/engine.ts';
import { openSpool } from './engine/spool.ts';
import { createQueryHandler } from './http/query-handler.ts';
import type { ServerIdentity } from './http/respond.ts';
import { createGuard } from './sql/guard.ts';
import { withTelemetry } from './telemetry.ts';

/** Statements in the URL: as long as ClickHouse's `max_uri_size`. */
const MAX_URL_BYTES = 2 ** 20;
/** Longer than the idle time after which `@clickhouse/client` gives a socket up (2.5 s). */
const KEEP_ALIVE_MS = 10_000;
const MAX_CONNECTIONS = 1_000;
const MAX_SPOOLED_BYTES = 4 * 2 ** 30;
/** What runs when the stop comes may end by itself for so long; then it is killed. */
const DRAIN_MS = 3_000;

/** `http` are Node's own options, which Fastify passes on. */
const HTTP_OPTIONS = {
  http: { maxHeaderSize: MAX_URL_BYTES },
  keepAliveTimeout: KEEP_ALIVE_MS,
  requestTimeout: 0,
  exposeHeadRoutes: false,
};

/** What ClickHouse answers to an address or a method that it does not serve. */
function noHandle(url: string): string {
  return (
    `There is no handle ${url}\n\nUse / or /ping for health checks.\nOr /replicas_status for more sophisticated health checks.\n\n` +
    'Send queries from your program with POST method or GET /?query=...\n'
  );
}

/** The embedded ClickHouse: the engine of chDB behind ClickHouse's HTTP interface. */
export async function createEmbeddedClickHouse({
  config,
  dataDir,
  log,
}: Pick<ServiceContext, 'config' | 'dataDir' | 'log'>): Promise<RunningService> {
  const path = join(dataDir, 'clickhouse');
  const { database, http: address } = config.clickhouse;
  const spool = await openSpool({ folder: join(path, 'spool'), pipes: LANES.read, maxBytes: MAX_SPOOLED_BYTES });
  const bare = await startEngine({ path, database, log });
  const engine = withTelemetry(bare, spool);
  const state = { access: ENGINE_ACCESS, database, readonly: 0, settings: new Map(), parameters: new Map() } as const;
  // Past the telemetry: how often somebody asks for health is no news.
  const ask = (statement: string) =>
    bare.run({ lane: 'control', state, statement, signal: AbortSignal.timeout(5_000), discard: false }, (session) =>
      session.run(statement, 'JSONEachRow'),
    );

  const answer = await ask('SELECT version() AS version, displayName() AS displayName, timezone() AS timezone');
  const identity = JSON.parse(answer.bytes.toString('utf8')) as ServerIdentity;
  const server = createHttpServer({
    address,
    readiness: async () => {
      try {
        await ask('SELECT 1');
        return { ready: true, reasons: [] };
      } catch (error) {
        return {
          ready: false,
          reasons: [`the engine does not answer: ${error instanceof Error ? error.message : String(error)}`],
        };
      }
    },
    fastify: HTTP_OPTIONS,
  });
  const { app } = server;
  app.server.maxConnections = MAX_CONNECTIONS;
  const handle = createQueryHandler({
    engine,
    spool,
    guard: createGuard(),
    users: createUsers(config.clickhouse, embeddedCredentials(dataDir)),
    identity,
    database,
    segments: segmentFolder(dataDir),
  });
  // Bodies are statements and data of any type: they are read by the handler, not by Fastify.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  app.route({
    method: ['GET', 'POST'],
    url: '/',
    handler: async (request, reply) => {
      reply.hijack();
      await handle(request.raw, reply.raw);
    },
  });
  const alive = () => 'Ok.\n';
  app.get('/ping', alive);
  app.head('/ping', alive);
  app.get('/replicas_status', alive);
  app.options('*', (_request, reply) => reply.code(204).header('Allow', 'GET, HEAD, POST, OPTIONS').send());
  app.head('/', (request, reply) => (request.url === '/' ? reply.send(alive()) : reply.callNotFound()));
  app.setNotFoundHandler((request, reply) => reply.code(404).type('text/plain').send(noHandle(request.url)));

  const url = await server.listen();
  let stopped: Promise<void> | undefined;
  return {
    listening: { 'clickhouse.http': url },
    stop() {
      stopped ??= (async () => {
        const drained = server.stop();
        await Promise.race([drained, delay(DRAIN_MS, undefined, { ref: false })]);
        await engine.close();
        app.server.closeAllConnections();
        await drained;
      })();
      return stopped;
    },
  };
}
