import {
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  status as GRPC,
} from '@grpc/grpc-js';
import { type Address, addressUrl, formatAddress } from '@tocsin/service/config';
import type { Logger } from '@tocsin/service/log';
import { SIGNALS, type Signal } from '../../signal.ts';
import type { ByteBudget } from '../byte-budget.ts';
import type { ExportOutcome, Receiver } from '../receiver.ts';
import { encodeStatus, RPC_CODE, type RpcStatus } from '../status.ts';
import { encodeSuccess } from '../success.ts';

/** What the OTLP/gRPC server is made of. */
export interface GrpcIntakeOptions {
  readonly address: Address;
  readonly receiver: Receiver;
  readonly budget: ByteBudget;
  readonly log: Logger;
  /** The largest message, before and after decompression. */
  readonly maxRequestBytes: number;
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

const RETRY_WHEN_BUSY_MS = 1_000;
const MAX_STREAMS_PER_CONNECTION = 100;
const SERVICES: Readonly<Record<Signal, string>> = {
  traces: 'opentelemetry.proto.collector.trace.v1.TraceService',
  metrics: 'opentelemetry.proto.collector.metrics.v1.MetricsService',
  logs: 'opentelemetry.proto.collector.logs.v1.LogsService',
};

/**
 * Makes the OTLP/gRPC server. Messages stay bytes: nothing is decoded.
 * Source: OTLP specification 1.11.0, "OTLP/gRPC".
 */
export function createGrpcIntake(options: GrpcIntakeOptions): GrpcServer {
  const { address, maxRequestBytes, stopLimitMs = 2_000 } = options;
  const server = new Server({
    'grpc.max_receive_message_length': maxRequestBytes,
    'grpc.max_concurrent_streams': MAX_STREAMS_PER_CONNECTION,
  });
  for (const signal of SIGNALS)
    server.addService(definitionOf(SERVICES[signal]), { Export: exportHandler(options, signal) });
  let stopped: Promise<void> | undefined;
  return {
    listen: () => bind(server, address),
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

function exportHandler(options: GrpcIntakeOptions, signal: Signal): handleUnaryCall<Buffer, Buffer> {
  const { receiver, budget, log } = options;
  const handle = async (body: Buffer, self: boolean): Promise<Answer> => {
    const account = budget.open();
    if (!account.add(body.length)) {
      receiver.refused(signal, 'grpc', 'busy');
      const message = 'too many requests are being taken in, try again later';
      return { error: { code: RPC_CODE.unavailable, message, retryAfterMs: RETRY_WHEN_BUSY_MS } };
    }
    try {
      return answerOf(await receiver.receive({ signal, transport: 'grpc', encoding: 'protobuf', body, self }));
    } finally {
      account.close();
    }
  };
  return (call, callback) => {
    handle(call.request, call.metadata.get('x-tocsin-self').length > 0).then(
      ({ response, error }) => (error ? callback({ ...error, ...withDetails(error) }) : callback(null, response)),
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

/** The status goes out whole in the trailers, where clients look for RetryInfo and BadRequest. */
function withDetails(status: RpcStatus): { details: string; metadata: Metadata } {
  const metadata = new Metadata();
  metadata.set('grpc-status-details-bin', encodeStatus(status));
  return { details: status.message, metadata };
}

function bind(server: Server, address: Address): Promise<string> {
  return new Promise((resolve, reject) => {
    server.bindAsync(formatAddress(address), ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(new Error(`cannot listen on ${formatAddress(address)}`, { cause: error }));
      else resolve(addressUrl({ host: address.host, port }));
    });
  });
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
