import type { IncomingMessage } from 'node:http';
import type { Signal } from '../../signal.ts';
import type { Gate } from '../access/gate.ts';
import type { ByteBudget } from '../byte-budget.ts';
import type { ExportOutcome, Receiver } from '../receiver.ts';
import { BAD_KEY_MESSAGE, IDEMPOTENCY_KEY, readIdempotencyKey } from '../idempotency-key.ts';
import { refuseAccess } from '../refusals.ts';
import type { RequestSlots } from '../request-slots.ts';
import { type Encoding, RPC_CODE, type RpcStatus } from '../status.ts';
import { encodeSuccess, successAsJson } from '../success.ts';
import type { RefusalReason } from '../telemetry.ts';
import { type HttpAnswer, readEncoding } from './answer.ts';
import { type BodyRefusal, CODINGS, discardRest, readBody, readContentCoding } from './body.ts';

/** What answering an export request needs. */
export interface ExportHandlerOptions {
  readonly receiver: Receiver;
  readonly budget: ByteBudget;
  readonly slots: RequestSlots;
  readonly gate: Gate;
  /** Whether this listener wants a key. */
  readonly authRequired: boolean;
  /** The largest body, before and after decompression. */
  readonly maxRequestBytes: number;
  /** A request has to have arrived whole by then, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** The wall clock in milliseconds. */
  readonly now: () => number;
}

/** An export request whose body has not been read. */
export interface Incoming {
  readonly signal: Signal;
  readonly message: IncomingMessage;
  /** Set when the sender waits to be told to send the body (`Expect: 100-continue`): tells it. */
  readonly sendContinue?: (() => void) | undefined;
}

const RETRY_WHEN_BUSY_MS = 1_000;

/** Takes in one export request and says how to answer it. What can be refused by its head is refused before the body is read. */
export async function handleExport(options: ExportHandlerOptions, incoming: Incoming): Promise<HttpAnswer> {
  const { receiver, gate, slots, authRequired, maxRequestBytes } = options;
  const { signal, message } = incoming;
  const { headers } = message;
  const encoding = readEncoding(headers['content-type']);
  const credentials = { authorization: headers.authorization, apiKey: single(headers['x-api-key']) };
  const admission = gate.admit(credentials, signal, authRequired);
  if (admission.status === 'refused') {
    receiver.refused({ signal, transport: 'http', key: admission.key }, admission.reason);
    const { httpStatus, error, headers: more } = refuseAccess(admission);
    return leaveBody(incoming, maxRequestBytes, { httpStatus, encoding, error, headers: more });
  }
  const source = { signal, transport: 'http' as const, key: admission.client?.name };
  const refuse = (reason: HttpRefusal): HttpAnswer => {
    receiver.refused(source, reason);
    return refusalAnswer(reason, encoding, maxRequestBytes);
  };
  const coding = readContentCoding(headers['content-encoding']);
  if (!encoding) return leaveBody(incoming, maxRequestBytes, refuse('bad_media_type'));
  if (!coding) return leaveBody(incoming, maxRequestBytes, refuse('bad_encoding'));
  const shown = single(headers[IDEMPOTENCY_KEY]);
  const idempotencyKey = shown === undefined ? undefined : readIdempotencyKey(shown, admission);
  if (idempotencyKey === 'bad') return leaveBody(incoming, maxRequestBytes, refuse('bad_idempotency_key'));
  const acceptFutureMs = readAcceptFuture(single(headers[ACCEPT_FUTURE]));
  if (acceptFutureMs === 'bad') return leaveBody(incoming, maxRequestBytes, refuse('bad_accept_future'));
  // A length that is announced needs no reading.
  if (Number(headers['content-length'] ?? 0) > maxRequestBytes)
    return leaveBody(incoming, maxRequestBytes, refuse('too_large'));
  if (!slots.take()) return leaveBody(incoming, maxRequestBytes, refuse('busy'));
  const account = options.budget.open();
  try {
    incoming.sendContinue?.();
    const read = await readBody(message, coding, {
      maxBytes: maxRequestBytes,
      timeoutMs: options.requestTimeoutMs,
      account,
    });
    if (read.status === 'refused') return refuse(read.reason);
    admission.client?.charge(read.body.byteLength, options.now());
    const self = headers['x-tocsin-self'] !== undefined;
    const isOwn = self && !admission.client;
    const request = { encoding, body: read.body, self, isOwn, idempotencyKey, acceptFutureMs };
    const outcome = await receiver.receive({ ...source, ...request });
    return outcomeAnswer(outcome, signal, encoding);
  } finally {
    account.close();
    slots.giveBack();
  }
}

/** A sender whose own clock may be ahead says in seconds how far it is to be believed at most. */
const ACCEPT_FUTURE = 'x-tocsin-accept-future';

function readAcceptFuture(header: string | undefined): number | undefined | 'bad' {
  if (header === undefined) return undefined;
  return /^\d{1,6}$/.test(header.trim()) ? Number(header) * 1_000 : 'bad';
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

/** A sender that waits for `100 Continue` never sends the body, and HTTP has no other way to say so than to close. */
function leaveBody({ message, sendContinue }: Incoming, maxBytes: number, answer: HttpAnswer): HttpAnswer {
  if (sendContinue) return { ...answer, headers: { ...answer.headers, connection: 'close' } };
  discardRest(message, maxBytes);
  return answer;
}

type HttpRefusal = Extract<
  RefusalReason,
  BodyRefusal | 'bad_media_type' | 'bad_encoding' | 'bad_idempotency_key' | 'bad_accept_future'
>;

/** Also for a `Content-Type` that is none, which Fastify refuses. */
export function badMediaType(encoding: Encoding | undefined): HttpAnswer {
  const message = 'the Content-Type must be application/x-protobuf or application/json';
  return { httpStatus: 415, encoding, error: { code: RPC_CODE.invalidArgument, message } };
}

function refusalAnswer(reason: HttpRefusal, encoding: Encoding | undefined, maxBytes: number): HttpAnswer {
  const error = (message: string): RpcStatus => ({ code: RPC_CODE.invalidArgument, message });
  switch (reason) {
    case 'bad_media_type':
      return badMediaType(encoding);
    case 'bad_encoding':
      return {
        httpStatus: 415,
        encoding,
        error: error(`the Content-Encoding must be one of ${CODINGS}`),
        headers: { 'accept-encoding': CODINGS },
      };
    case 'bad_idempotency_key':
      return { httpStatus: 400, encoding, error: error(BAD_KEY_MESSAGE) };
    case 'bad_accept_future': {
      const message = `bad ${ACCEPT_FUTURE}: expected whole seconds, from 0 to 999999`;
      return { httpStatus: 400, encoding, error: error(message) };
    }
    case 'too_large':
      return tooLargeAnswer(`the request is larger than ${maxBytes} bytes`, encoding);
    case 'busy': {
      const message = 'too many requests are being taken in, try again later';
      const code = RPC_CODE.resourceExhausted;
      return { httpStatus: 429, encoding, error: { code, message, retryAfterMs: RETRY_WHEN_BUSY_MS } };
    }
    case 'bad_compression':
      return { httpStatus: 400, encoding, error: error('the compressed body is damaged') };
    case 'timeout':
      return {
        httpStatus: 408,
        encoding,
        error: { code: RPC_CODE.deadlineExceeded, message: 'the request took too long to arrive' },
        headers: { connection: 'close' },
      };
    case 'incomplete':
      return { httpStatus: 400, encoding, error: error('the request ended early') };
  }
}

function tooLargeAnswer(message: string, encoding: Encoding | undefined): HttpAnswer {
  return { httpStatus: 413, encoding, error: { code: RPC_CODE.resourceExhausted, message } };
}

function outcomeAnswer(outcome: ExportOutcome, signal: Signal, encoding: Encoding): HttpAnswer {
  switch (outcome.status) {
    case 'accepted': {
      const { partial } = outcome;
      const body = encoding === 'json' ? successAsJson(signal, partial) : encodeSuccess(partial);
      return { httpStatus: 200, encoding, body };
    }
    case 'malformed': {
      const { problem } = outcome;
      const error = { code: RPC_CODE.invalidArgument, message: problem.message, violation: problem };
      return { httpStatus: 400, encoding, error };
    }
    case 'too_large':
      return tooLargeAnswer(outcome.message, encoding);
    case 'unavailable': {
      const { message, retryAfterMs } = outcome;
      return { httpStatus: 503, encoding, error: { code: RPC_CODE.unavailable, message, retryAfterMs } };
    }
  }
}
