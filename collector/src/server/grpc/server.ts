import {
  experimental,
  type handleUnaryCall,
  type Metadata,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  status as GRPC,
} from '@grpc/grpc-js';
import { type Address, addressUrl, formatAddress } from '@tocsin/service/config';
import type { Logger } from '@tocsin/service/log';
import { SIGNALS, type Signal } from '../../signal.ts';
import type { Certificate, WatchedCertificate } from '../certificate.ts';
import type { ExportOutcome } from '../receiver.ts';
import { RPC_CODE, type RpcStatus } from '../status.ts';
import { encodeSuccess } from '../success.ts';
import { createGuard, type Guard, type GuardOptions, toGrpcStatus } from './guard.ts';

/** What the OTLP/gRPC server is made of. */
export interface GrpcIntakeOptions extends Omit<GuardOptions, 'services'> {
  readonly address: Address;
  readonly log: Logger;
  /** Makes the listener TLS. */
  readonly certificate: WatchedCertificate | undefined;
  /** Running requests may take this long when the server stops; default 2 000. */
  readonly stopLimitMs?: number;
}

/** A gRPC server that is set up but not listening. */
export interface GrpcServer {
  /** Starts to listen. @returns the URL with the real port */
  listen(): Promise<string>;
  /** Stops accepting and lets running requests end. Idempotent. */
  stop(): Promise<void>;
}

/**
 * How many streams one connection may have, at least: well above the slots, which answer UNAVAILABLE with a time. Node resets what is beyond with
 * ENHANCE_YOUR_CALM, which clients take for RESOURCE_EXHAUSTED without RetryInfo, and drop the data.
 */
const LEAST_STREAMS = 1_000;
const SERVICES: Readonly<Record<Signal, string>> = {
  traces: 'opentelemetry.proto.collector.trace.v1.TraceService',
  metrics: 'opentelemetry.proto.collector.metrics.v1.MetricsService',
  logs: 'opentelemetry.proto.collector.logs.v1.LogsService',
};

const SIGNAL_OF_PATH: ReadonlyMap<string, Signal> = new Map(
  SIGNALS.map((signal) => [`/${SERVICES[signal]}/Export`, signal]),
);

/**
 * Makes the OTLP/gRPC server. Messages stay bytes: nothing is decoded.
 * Source: OTLP specification 1.11.0, "OTLP/gRPC".
 */
export function createGrpcIntake(options: GrpcIntakeOptions): GrpcServer {
  const { address, maxRequestBytes, stopLimitMs = 2_000, certificate } = options;
  const guard = createGuard({ ...options, services: SIGNAL_OF_PATH });
  const server = new Server({
    'grpc.max_receive_message_length': maxRequestBytes,
    'grpc.max_concurrent_streams': Math.max(LEAST_STREAMS, 2 * options.slots.limit),
    interceptors: [guard.interceptor],
  });
  for (const signal of SIGNALS)
    server.addService(definitionOf(SERVICES[signal]), { Export: exportHandler(options, guard, signal) });
  let stopped: Promise<void> | undefined;
  return {
    listen: () => bind(server, address, certificate),
    stop: () => (stopped ??= shutDown(server, stopLimitMs)),
  };
}

function definitionOf(service: string): ServiceDefinition {
  const asIs = (bytes: Buffer): Buffer => bytes;
  return {
    Export: {
      path: `/${service}/Export`,
      requestStream: false,
      responseStream: false,
      requestSerialize: asIs,
      requestDeserialize: asIs,
      responseSerialize: asIs,
      responseDeserialize: asIs,
    },
  };
}

function exportHandler(
  { receiver, log, now }: GrpcIntakeOptions,
  guard: Guard,
  signal: Signal,
): handleUnaryCall<Buffer, Buffer> {
  const handle = async (body: Buffer, metadata: Metadata): Promise<Answer> => {
    const client = guard.clientOf(metadata);
    const source = { signal, transport: 'grpc' as const, key: client?.name };
    client?.charge(body.length, now());
    const self = metadata.get('x-tocsin-self').length > 0;
    const idempotencyKey = guard.idempotencyKeyOf(metadata);
    const isOwn = self && !client;
    return answerOf(await receiver.receive({ ...source, encoding: 'protobuf', body, self, isOwn, idempotencyKey }));
  };
  return (call, callback) => {
    handle(call.request, call.metadata).then(
      ({ response, error }) => (error ? callback(toGrpcStatus(error)) : callback(null, response)),
      (error: unknown) => {
        log.error({ err: error, signal }, 'request failed');
        callback({ code: GRPC.INTERNAL, details: 'internal error' });
      },
    );
  };
}

type Answer =
  | { readonly response: Buffer; readonly error?: undefined }
  | { readonly response?: undefined; readonly error: RpcStatus };

function answerOf(outcome: ExportOutcome): Answer {
  switch (outcome.status) {
    case 'accepted':
      return { response: encodeSuccess(outcome.partial) };
    case 'malformed': {
      const { problem } = outcome;
      return { error: { code: RPC_CODE.invalidArgument, message: problem.message, violation: problem } };
    }
    case 'too_large':
      return { error: { code: RPC_CODE.resourceExhausted, message: outcome.message } };
    case 'unavailable': {
      const { message, retryAfterMs } = outcome;
      return { error: { code: RPC_CODE.unavailable, message, retryAfterMs } };
    }
  }
}

function bind(server: Server, address: Address, certificate: WatchedCertificate | undefined): Promise<string> {
  const credentials = certificate ? credentialsOf(certificate) : ServerCredentials.createInsecure();
  return new Promise((resolve, reject) => {
    server.bindAsync(formatAddress(address), credentials, (error, port) => {
      if (error) reject(new Error(`cannot listen on ${formatAddress(address)}`, { cause: error }));
      else {
        const url = addressUrl({ host: address.host, port });
        resolve(certificate ? url.replace('http:', 'https:') : url);
      }
    });
  });
}

/** Credentials that follow the certificate: connections that are open keep theirs. */
function credentialsOf(certificate: WatchedCertificate): ServerCredentials {
  const listeners = new Set<experimental.IdentityCertificateUpdateListener>();
  const update = ({ cert, key }: Certificate): experimental.IdentityCertificateUpdate => ({
    certificate: cert,
    privateKey: key,
  });
  certificate.onChange((next) => {
    for (const listener of listeners) listener(update(next));
  });
  const provider: experimental.CertificateProvider = {
    addCaCertificateListener: () => undefined,
    removeCaCertificateListener: () => undefined,
    addIdentityCertificateListener(listener) {
      listeners.add(listener);
      queueMicrotask(() => listener(update(certificate.current)));
    },
    removeIdentityCertificateListener: (listener) => void listeners.delete(listener),
  };
  // The function's first parameter is the server's own certificate, whatever its declaration calls it.
  return experimental.createCertificateProviderServerCredentials(provider, null, false);
}

function shutDown(server: Server, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.forceShutdown(), limitMs);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
