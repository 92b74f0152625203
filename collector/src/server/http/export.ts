import type { IncomingMessage } from 'node:http';
import type { Signal } from '../../signal.ts';
import type { ByteBudget } from '../byte-budget.ts';
import type { ExportOutcome, Receiver } from '../receiver.ts';
import { type Encoding, RPC_CODE, type RpcStatus } from '../status.ts';
import { encodeSuccess, successAsJson } from '../success.ts';
import type { RefusalReason } from '../telemetry.ts';
import { type HttpAnswer, readEncoding } from './answer.ts';
import { type BodyRefusal, CODINGS, discardRest, readBody, readContentCoding } from './body.ts';

/** What answering an export request needs. */
export interface ExportHandlerOptions {
  readonly receiver: Receiver;
  readonly budget: ByteBudget;
  /** The largest body, before and after decompression. */
  readonly maxRequestBytes: number;
}

const RETRY_WHEN_BUSY_MS = 1_000;

/** Takes in one export request and says how to answer it. */
export async function handleExport(
  { receiver, budget, maxRequestBytes }: ExportHandlerOptions,
  signal: Signal,
  request: IncomingMessage,
): Promise<HttpAnswer> {
  const { headers } = request;
  const encoding = readEncoding(headers['content-type']);
  const coding = readContentCoding(headers['content-encoding']);
  const refuse = (reason: HttpRefusal): HttpAnswer => {
    receiver.refused(signal, 'http', reason);
    return refusalAnswer(reason, encoding, maxRequestBytes);
  };
  const early = !encoding ? 'bad_media_type' : !coding ? 'bad_encoding' : tooLarge(headers, maxRequestBytes);
  if (!encoding || !coding || early) {
    discardRest(request, maxRequestBytes);
    return refuse(early ?? 'bad_media_type');
  }
  const account = budget.open();
  try {
    const read = await readBody(request, coding, maxRequestBytes, account);
    if (read.status === 'refused') return refuse(read.reason);
    const self = headers['x-tocsin-self'] !== undefined;
    const outcome = await receiver.receive({ signal, transport: 'http', encoding, body: read.body, self });
    return outcomeAnswer(outcome, signal, encoding);
  } finally {
    account.close();
  }
}

type HttpRefusal = Extract<RefusalReason, BodyRefusal | 'bad_media_type' | 'bad_encoding'>;

/** A length that is announced needs no reading. */
function tooLarge(headers: IncomingMessage['headers'], maxBytes: number): 'too_large' | undefined {
  return Number(headers['content-length'] ?? 0) > maxBytes ? 'too_large' : undefined;
}

function refusalAnswer(reason: HttpRefusal, encoding: Encoding | undefined, maxBytes: number): HttpAnswer {
  const error = (message: string): RpcStatus => ({ code: RPC_CODE.invalidArgument, message });
  switch (reason) {
    case 'bad_media_type':
      return {
        httpStatus: 415,
        encoding,
        error: error('the Content-Type must be application/x-protobuf or application/json'),
      };
    case 'bad_encoding':
      return {
        httpStatus: 415,
        encoding,
        error: error(`the Content-Encoding must be one of ${CODINGS}`),
        headers: { 'accept-encoding': CODINGS },
      };
    case 'too_large':
      return tooLargeAnswer(`the request is larger than ${maxBytes} bytes`, encoding);
    case 'busy': {
      const message = 'too many requests are being taken in, try again later';
      const code = RPC_CODE.resourceExhausted;
      return { httpStatus: 429, encoding, error: { code, message, retryAfterMs: RETRY_WHEN_BUSY_MS } };
    }
    case 'bad_compression':
      return { httpStatus: 400, encoding, error: error('the compressed body is damaged') };
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
