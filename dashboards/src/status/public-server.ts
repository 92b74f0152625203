import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { metrics } from '@opentelemetry/api';
import { type Address, addressUrl, isLoopback } from '@tocsin/service/config';
import type { Logger } from '@tocsin/service/log';
import type { StatusAnswer, StatusRequest } from './answer.ts';

/** What the public asks. */
export interface PublicServerOptions {
  readonly address: Address;
  /** Names under which it may be asked, lower case; on an address beyond loopback none means any. */
  readonly hosts: () => readonly string[];
  readonly answer: (request: StatusRequest) => Promise<StatusAnswer>;
  readonly log: Pick<Logger, 'error'>;
  /** For tests. */
  readonly limits?: Partial<PublicLimits>;
}

/** What one server takes. */
export interface PublicLimits {
  readonly connections: number;
  /** A request has to have arrived by then, */
  readonly requestMs: number;
  /** its answer be read, */
  readonly answerMs: number;
  /** and the next one begun. */
  readonly idleMs: number;
  readonly headerBytes: number;
}

const LIMITS: PublicLimits = {
  connections: 4_000,
  requestMs: 5_000,
  answerMs: 30_000,
  idleMs: 10_000,
  headerBytes: 8_192,
};
/** A connection is begun anew after so many requests. */
const MAX_REQUESTS = 10_000;

/** The server of the public port. */
export interface PublicServer {
  /** Starts to listen. @returns the URL with the real port */
  listen(): Promise<string>;
  /** Stops accepting, and ends the connections. Idempotent. */
  stop(): Promise<void>;
}

const meter = metrics.getMeter('tocsin.dashboards');
const requests = meter.createCounter('tocsin.dashboards.status.requests', {
  description: 'Requests to the public port of the status page, by status code.',
  unit: '{request}',
});
const refused = meter.createCounter('tocsin.dashboards.status.refused', {
  description: 'Connections and requests that the public port refused, by reason.',
  unit: '{refusal}',
});

/**
 * Makes the server of the status page's own port. It is Node's server and nothing else: no route but the documents it is given, no health, no
 * `Server` header, no body that is read.
 */
export function createPublicServer(options: PublicServerOptions): PublicServer {
  const { address, hosts, log } = options;
  const limits = { ...LIMITS, ...options.limits };
  const server = createServer(
    {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.requestMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.idleMs,
      connectionsCheckingInterval: Math.min(1_000, limits.requestMs),
    },
    (request, response) => {
      void respond(request, response).catch((error: unknown) => {
        log.error({ err: error }, 'a request to the status page failed');
        if (!response.headersSent) response.writeHead(500, { connection: 'close' });
        response.end();
      });
    },
  );
  server.maxConnections = limits.connections;
  server.maxRequestsPerSocket = MAX_REQUESTS;
  server.on('drop', () => refused.add(1, { reason: 'connections' }));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const isLarge = error.code === 'HPE_HEADER_OVERFLOW';
    const isSlow = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
    refused.add(1, { reason: isLarge ? 'headers' : isSlow ? 'slow' : 'malformed' });
    const status = isLarge ? '431 Request Header Fields Too Large' : isSlow ? '408 Request Timeout' : '400 Bad Request';
    if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    else socket.destroy();
  });

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET', url = '/', headers } = request;
    // What was sent with it is nobody's business.
    request.resume();
    if (!isKnownHost(headers.host, address.host, hosts())) {
      refused.add(1, { reason: 'host' });
      requests.add(1, { 'http.response.status_code': 421 });
      response.writeHead(421, { connection: 'close', 'content-length': '0' }).end();
      return;
    }
    const {
      status,
      headers: given,
      body,
    } = await options.answer({
      method,
      url,
      acceptEncoding: headers['accept-encoding'],
      ifNoneMatch: headers['if-none-match'],
    });
    requests.add(1, { 'http.response.status_code': status });
    response.writeHead(status, given).end(body);
    endSlowReader(response, limits.answerMs);
  };

  let stopped: Promise<void> | undefined;
  return {
    async listen() {
      server.listen(address.port, address.host);
      await once(server, 'listening');
      const bound = server.address();
      const port = typeof bound === 'object' && bound ? bound.port : address.port;
      return addressUrl({ host: address.host, port });
    },
    stop: () => (stopped ??= close(server)),
  };
}

/** Who does not take the answer in time holds a connection that others want. */
function endSlowReader(response: ServerResponse, limitMs: number): void {
  if (response.writableFinished) return;
  const timer = setTimeout(() => {
    refused.add(1, { reason: 'slow' });
    response.destroy();
  }, limitMs);
  timer.unref();
  response.once('close', () => clearTimeout(timer));
  response.once('finish', () => clearTimeout(timer));
}

const NUMERIC_HOST = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])$/;

/**
 * Whether the `Host` of a request is one under which the page is reached. On loopback, and where names are configured, any other is refused: a web page
 * may have its own name lead here (DNS rebinding). Where none is, on an address of the public, any name is good: everybody may read it anyway.
 */
export function isKnownHost(header: string | undefined, listenHost: string, names: readonly string[]): boolean {
  const name = (header ?? '').replace(/:\d+$/, '').toLowerCase();
  if (names.includes(name)) return true;
  const isLocal = NUMERIC_HOST.test(name) || isLoopback(name.replace(/^\[|\]$/g, ''));
  return isLoopback(listenHost) ? isLocal : names.length === 0 || isLocal;
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const end = setTimeout(() => server.closeAllConnections(), 500);
  await closed.finally(() => clearTimeout(end));
}
