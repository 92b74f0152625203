import type { Address } from '@tocsin/service/config';
import { createHttpServer, type HttpServer, type Readiness } from '@tocsin/service/http';
import type { Logger } from '@tocsin/service/log';
import type { FastifyInstance } from 'fastify';
import { SIGNALS, type Signal } from '../../signal.ts';
import { RPC_CODE } from '../status.ts';
import { readEncoding, sendAnswer, writeAnswer } from './answer.ts';
import { type ExportHandlerOptions, handleExport } from './export.ts';

/** What the OTLP/HTTP server is made of. */
export interface HttpIntakeOptions extends ExportHandlerOptions {
  readonly address: Address;
  readonly readiness: () => Readiness;
  readonly log: Logger;
  /** A request has to have arrived whole by then; default 60 000. */
  readonly requestTimeoutMs?: number;
  /** Running requests may take this long when the server stops; default 2 000. */
  readonly stopLimitMs?: number;
}

const PATHS: ReadonlyMap<string, Signal> = new Map(SIGNALS.map((signal) => [`/v1/${signal}`, signal]));

/**
 * Makes the OTLP/HTTP server: `POST /v1/traces`, `/v1/metrics` and `/v1/logs`.
 * Source: OTLP specification 1.11.0, "OTLP/HTTP".
 */
export function createHttpIntake(options: HttpIntakeOptions): HttpServer {
  const { address, readiness, requestTimeoutMs = 60_000, stopLimitMs = 2_000 } = options;
  const server = createHttpServer({ address, readiness, fastify: { requestTimeout: requestTimeoutMs } });
  const { app } = server;
  app.removeAllContentTypeParsers();
  // The handler reads the stream itself, because of compression and limits.
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  for (const [path, signal] of PATHS)
    app.post(path, async (request, reply) => {
      const answer = await handleExport(options, signal, request.raw);
      return sendAnswer(reply, answer);
    });
  answerUnknownPaths(app);
  answerErrors(app, options.log);
  answerForeignPages(app);
  let stopped: Promise<void> | undefined;
  return { ...server, stop: () => (stopped ??= stopWithin(app, stopLimitMs)) };
}

function answerUnknownPaths(app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) => {
    const encoding = readEncoding(request.headers['content-type']);
    const path = request.url.split('?', 1)[0] ?? '';
    if (!PATHS.has(path)) {
      const error = { code: RPC_CODE.notFound, message: `there is nothing at ${path}` };
      return sendAnswer(reply, { httpStatus: 404, encoding, error });
    }
    const error = { code: RPC_CODE.unimplemented, message: `${request.method} is not allowed here, only POST` };
    return sendAnswer(reply, { httpStatus: 405, encoding, error, headers: { allow: 'POST' } });
  });
}

/** Errors of Fastify itself, as a `Content-Type` that cannot be read, and our own mistakes. */
function answerErrors(app: FastifyInstance, log: Logger): void {
  app.setErrorHandler<Error & { statusCode?: number }>((failure, request, reply) => {
    const encoding = readEncoding(request.headers['content-type']);
    const { statusCode = 500, message } = failure;
    if (statusCode < 500) {
      const error = { code: RPC_CODE.invalidArgument, message };
      return sendAnswer(reply, { httpStatus: statusCode, encoding, error });
    }
    log.error({ err: failure, path: request.url }, 'request failed');
    return sendAnswer(reply, {
      httpStatus: 500,
      encoding,
      error: { code: RPC_CODE.internal, message: 'internal error' },
    });
  });
}

/** `refuseForeignPages` answers in words of its own; here every error is a `google.rpc.Status`. */
function answerForeignPages(app: FastifyInstance): void {
  app.addHook('onSend', (request, reply, payload, done) => {
    if (reply.statusCode !== 403) return done(null, payload);
    const { mediaType, body } = writeAnswer({
      httpStatus: 403,
      encoding: readEncoding(request.headers['content-type']),
      error: { code: RPC_CODE.permissionDenied, message: 'refused: pages of other sites may not send telemetry here' },
    });
    reply.header('content-type', mediaType).header('content-length', Buffer.byteLength(body));
    done(null, body);
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
