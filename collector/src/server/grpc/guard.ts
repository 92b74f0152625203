import {
  Metadata,
  type ServerInterceptor,
  ServerInterceptingCall,
  ServerListenerBuilder,
  ResponderBuilder,
  status as GRPC,
} from '@grpc/grpc-js';
import type { RequestKey, Signal } from '../../signal.ts';
import type { ClientKey } from '../access/client-key.ts';
import type { Gate } from '../access/gate.ts';
import type { Receiver } from '../receiver.ts';
import type { ByteBudget } from '../byte-budget.ts';
import { BAD_KEY_MESSAGE, IDEMPOTENCY_KEY, readIdempotencyKey } from '../idempotency-key.ts';
import { refuseAccess } from '../refusals.ts';
import type { RequestSlots } from '../request-slots.ts';
import { encodeStatus, RPC_CODE, type RpcStatus } from '../status.ts';
import type { IntakeSource, RefusalReason } from '../telemetry.ts';
import { type CallInside, chargeCall, endStream } from './charged-call.ts';

/** What the guard decides by. */
export interface GuardOptions {
  readonly receiver: Receiver;
  readonly gate: Gate;
  readonly slots: RequestSlots;
  /** What all requests hold in memory is charged to it. */
  readonly budget: ByteBudget;
  /** The largest message, before and after decompression. */
  readonly maxRequestBytes: number;
  /** Whether this listener wants a key. */
  readonly authRequired: boolean;
  /** A request has to have arrived whole by then, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** The wall clock in milliseconds. */
  readonly now: () => number;
  /** The signal of each method's path. */
  readonly services: ReadonlyMap<string, Signal>;
}

/** Stands before the handlers. */
export interface Guard {
  readonly interceptor: ServerInterceptor;
  /** Whose request this is, by its metadata; `undefined` without a key. */
  clientOf(metadata: Metadata): ClientKey | undefined;
  /** The key by which a request is stored once, by its metadata. */
  idempotencyKeyOf(metadata: Metadata): RequestKey | undefined;
}

const RETRY_WHEN_BUSY_MS = 1_000;

/** What a sender is told when there is no room for its request. */
export function busyStatus(): RpcStatus {
  const message = 'too many requests are being taken in, try again later';
  return { code: RPC_CODE.unavailable, message, retryAfterMs: RETRY_WHEN_BUSY_MS };
}

/** The status goes out whole in the trailers, where clients look for RetryInfo and BadRequest. */
export function toGrpcStatus(status: RpcStatus): { code: number; details: string; metadata: Metadata } {
  const metadata = new Metadata();
  metadata.set('grpc-status-details-bin', encodeStatus(status));
  return { code: status.code, details: status.message, metadata };
}

/**
 * Refuses what can be refused by its head before the message arrives, ends requests that take too long to arrive, and counts those that
 * grpc-js refuses by itself: messages over the limit, damaged compression.
 */
export function createGuard(options: GuardOptions): Guard {
  const { receiver, gate, slots, budget, maxRequestBytes, authRequired, requestTimeoutMs, services } = options;
  const clients = new WeakMap<Metadata, ClientKey>();
  const keys = new WeakMap<Metadata, RequestKey>();

  const interceptor: ServerInterceptor = (method, call) => {
    const signal = services.get(method.path);
    if (!signal) return new ServerInterceptingCall(call);
    let source: IntakeSource = { signal, transport: 'grpc' };
    let holdsSlot = false;
    /** Nothing more is counted by the guard: it has refused, or the handler has the request. */
    let settled = false;
    let hasMessage = false;
    let timer: NodeJS.Timeout | undefined;
    const inside = call as unknown as CallInside;
    const account = budget.open();
    const onBusy = (): void => refuse('busy', busyStatus());
    const closeIntake = chargeCall(inside, { account, maxBytes: maxRequestBytes, onBusy });
    const refuse = (reason: RefusalReason, status: RpcStatus): void => {
      settled = true;
      clearTimeout(timer);
      closeIntake();
      receiver.refused(source, reason);
      call.sendStatus(toGrpcStatus(status));
      endStream(inside);
    };
    const end = (): void => {
      clearTimeout(timer);
      closeIntake();
      account.close();
      if (holdsSlot) slots.giveBack();
      holdsSlot = false;
      if (settled) return;
      settled = true;
      receiver.refused(source, reasonOf(inside));
    };
    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata((metadata, next) => {
        const admission = gate.admit(readCredentials(metadata), signal, authRequired);
        if (admission.status === 'refused') {
          source = { ...source, key: admission.key };
          return refuse(admission.reason, refuseAccess(admission).error);
        }
        if (admission.client) {
          source = { ...source, key: admission.client.name };
          clients.set(metadata, admission.client);
        }
        const shown = first(metadata, IDEMPOTENCY_KEY);
        const key = shown === undefined ? undefined : readIdempotencyKey(shown, admission);
        if (key === 'bad')
          return refuse('bad_idempotency_key', { code: RPC_CODE.invalidArgument, message: BAD_KEY_MESSAGE });
        if (key) keys.set(metadata, key);
        if (!slots.take()) return refuse('busy', busyStatus());
        holdsSlot = true;
        const message = 'the request took too long to arrive';
        timer = setTimeout(() => refuse('timeout', { code: RPC_CODE.deadlineExceeded, message }), requestTimeoutMs);
        next(metadata);
      })
      .withOnReceiveMessage((message, next) => {
        hasMessage = true;
        next(message);
      })
      // Only then the handler is called: a sender that never ends its request has not sent it.
      .withOnReceiveHalfClose((next) => {
        clearTimeout(timer);
        if (settled) return;
        settled = hasMessage;
        next();
      })
      .withOnCancel(end)
      .build();
    const responder = new ResponderBuilder().withStart((next) => next(listener)).build();
    return new ServerInterceptingCall(call, responder);
  };
  return {
    interceptor,
    clientOf: (metadata) => clients.get(metadata),
    idempotencyKeyOf: (metadata) => keys.get(metadata),
  };
}

function readCredentials(metadata: Metadata): { authorization: string | undefined; apiKey: string | undefined } {
  return { authorization: first(metadata, 'authorization'), apiKey: first(metadata, 'x-api-key') };
}

function first(metadata: Metadata, name: string): string | undefined {
  const [value] = metadata.get(name);
  return typeof value === 'string' ? value : undefined;
}

/** Why a request has ended before its message was whole: the sender went away, or grpc-js has answered it. */
function reasonOf({ stream }: CallInside): RefusalReason {
  const code = Number(stream?.sentHeaders?.['grpc-status'] ?? Number.NaN);
  if (code === GRPC.RESOURCE_EXHAUSTED) return 'too_large';
  if (code === GRPC.INTERNAL) return 'bad_compression';
  return code === GRPC.UNIMPLEMENTED ? 'bad_encoding' : 'incomplete';
}
