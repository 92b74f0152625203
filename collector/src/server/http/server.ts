import type { IncomingMessage, ServerResponse } from 'node:http';
import { Server as TlsServer } from 'node:tls';
import type { Address } from '@tocsin/service/config';
import { createHttpServer, type HttpServer, type Readiness } from '@tocsin/service/http';
import type { Logger } from '@tocsin/service/log';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { SIGNALS, type Signal } from '../../signal.ts';
import type { WatchedCertificate } from '../certificate.ts';
import { RPC_CODE } from '../status.ts';
import { readEncoding, sendAnswer } from './answer.ts';
import { allowOrigins } from './cross-origin.ts';
import { badMediaType, type ExportHandlerOptions, handleExport } from './export.ts';
import { answerParserError } from './parser-errors.ts';

/** What the OTLP/HTTP server is made of. */
export interface HttpIntakeOptions extends ExportHandlerOptions {
  readonly address: Address;
  readonly readiness: () => Readiness;
  readonly log: Logger;
  /** Origins whose pages may send. */
  readonly corsOrigins: readonly string[];
  /** Makes the listener HTTPS. */
  readonly certificate: WatchedCertificate | undefined;
  /** Running requests may take this long when the server stops; default 2 000. */
  readonly stopLimitMs?: number;
}

const PATHS: ReadonlyMap<string, Signal> = new Map(SIGNALS.map((signal) => [`/v1/${signal}`, signal]));
/** Node's own limit is for what never gets as far as our own. */
const HEAD_GRACE_MS = 5_000;
/** Node looks now and then which heads are late: by default every 30 s, however short the limit is. */
const LOOK_EVERY_MS = { least: 100, most: 15_000 } as const;

/**
 * Makes the OTLP/HTTP server: `POST /v1/traces`, `/v1/metrics` and `/v1/logs`.
 * Source: OTLP specification 1.11.0, "OTLP/HTTP".
 */
export function createHttpIntake(options: HttpIntakeOptions): HttpServer {
  const { address, readiness, requestTimeoutMs, stopLimitMs = 2_000, corsOrigins, certificate } = options;
  const server = createHttpServer({
    address,
    readiness,
    tls: certificate?.current,
    server: { connectionsCheckingInterval: clamp(requestTimeoutMs / 4, LOOK_EVERY_MS) },
    allowedOrigins: corsOrigins,
    answerForeignPage: (request, reply) => refuseForeignPage(options, request, reply),
    fastify: {
      requestTimeout: requestTimeoutMs + HEAD_GRACE_MS,
      clientErrorHandler: answerParserError,
      frameworkErrors: (error, request, reply) => void answerError(options, error, request, reply),
      // What comes while the server stops, on connections that are open, is taken like any other request.
      return503OnClosing: false,
    },
  });
  const { app } = server;
  app.server.headersTimeout = requestTimeoutMs;
  certificate?.onChange((next) => {
    if (app.server instanceof TlsServer) app.server.setSecureContext(next);
  });
  const waiting = holdContinue(app);
  app.removeAllContentTypeParsers();
  // The handler reads the stream itself, because of compression and limits.
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  for (const [path, signal] of PATHS)
    app.post(path, async ({ raw: message }, reply) => {
      const answer = await handleExport(options, { signal, message, sendContinue: waiting.get(message) });
      return sendAnswer(reply, answer);
    });
  allowOrigins(app, PATHS.keys(), corsOrigins);
  answerUnknownPaths(app);
  app.setErrorHandler<Failure>((failure, request, reply) => answerError(options, failure, request, reply));
  let stopped: Promise<void> | undefined;
  return { ...server, stop: () => (stopped ??= stopWithin(app, stopLimitMs)) };
}

function clamp(value: number, { least, most }: { readonly least: number; readonly most: number }): number {
  return Math.min(Math.max(value, least), most);
}

/**
 * A sender with `Expect: 100-continue` is told to go on only when its request is not refused by its head: Node by itself would tell it at once.
 * @returns how to tell it, for each request that waits
 */
function holdContinue(app: FastifyInstance): WeakMap<IncomingMessage, () => void> {
  const waiting = new WeakMap<IncomingMessage, () => void>();
  app.server.on('checkContinue', (message: IncomingMessage, response: ServerResponse) => {
    waiting.set(message, () => response.writeContinue());
    app.server.emit('request', message, response);
  });
  // An expectation that nobody knows is no reason to refuse: RFC 9110, section 10.1.1.
  app.server.on('checkExpectation', (message: IncomingMessage, response: ServerResponse) =>
    app.server.emit('request', message, response),
  );
  return waiting;
}

function answerUnknownPaths(app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) => {
    const encoding = readEncoding(request.headers['content-type']);
    const path = pathOf(request);
    if (!PATHS.has(path)) {
      const error = { code: RPC_CODE.notFound, message: `there is nothing at ${path}` };
      return sendAnswer(reply, { httpStatus: 404, encoding, error });
    }
    const error = { code: RPC_CODE.unimplemented, message: `${request.method} is not allowed here, only POST` };
    return sendAnswer(reply, { httpStatus: 405, encoding, error, headers: { allow: 'POST' } });
  });
}

function pathOf({ url }: FastifyRequest): string {
  return url.split('?', 1)[0] ?? '';
}

type Failure = Error & { statusCode?: number };

/** Errors of Fastify itself, as a path or a `Content-Type` that cannot be read, and our own mistakes. */
function answerError(
  { log, receiver }: HttpIntakeOptions,
  failure: Failure,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const encoding = readEncoding(request.headers['content-type']);
  const { statusCode = 500, message } = failure;
  const signal = PATHS.get(pathOf(request));
  if (statusCode === 415 && signal) {
    receiver.refused({ signal, transport: 'http' }, 'bad_media_type');
    return sendAnswer(reply, badMediaType(encoding));
  }
  if (statusCode < 500) {
    const error = { code: RPC_CODE.invalidArgument, message };
    return sendAnswer(reply, { httpStatus: statusCode, encoding, error });
  }
  log.error({ err: failure, path: request.url }, 'request failed');
  const error = { code: RPC_CODE.internal, message: 'internal error' };
  return sendAnswer(reply, { httpStatus: 500, encoding, error });
}

function refuseForeignPage(
  { receiver }: ExportHandlerOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const signal = PATHS.get(pathOf(request));
  if (signal) receiver.refused({ signal, transport: 'http' }, 'foreign_origin');
  const message = 'refused: pages of other sites may not send telemetry here, unless collector.cors.origins names them';
  return sendAnswer(reply, {
    httpStatus: 403,
    encoding: readEncoding(request.headers['content-type']),
    error: { code: RPC_CODE.permissionDenied, message },
  });
}

async function stopWithin(app: FastifyInstance, limitMs: number): Promise<void> {
  const timer = setTimeout(() => app.server.closeAllConnections(), limitMs);
  try {
    await app.close();
  } finally {
    clearTimeout(timer);
  }
}
