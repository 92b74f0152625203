import type { Dispatcher } from 'undici';
import { request } from 'undici';

/** Why a request to the collector did not deliver what it carried. */
export type PostFailure = 'network' | 'timeout' | 'throttled' | 'server_error' | 'refused';

export type PostOutcome =
  /** Taken in, except for `rejected` items (OTLP's partial success). */
  | { readonly status: 'ok'; readonly rejected: number; readonly message: string }
  /** Worth another try, after `afterMs` where the collector says when. `limited`: not for ever. */
  | {
      readonly status: 'retryable';
      readonly reason: PostFailure;
      readonly afterMs?: number;
      readonly limited: boolean;
      readonly message: string;
    }
  /** Never to be sent again. */
  | { readonly status: 'failed'; readonly reason: PostFailure; readonly message: string };

export interface PostOptions {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as `Idempotency-Key`. Source: draft-ietf-httpapi-idempotency-key-header-07, section 2.1. */
  readonly idempotencyKey: string | undefined;
  readonly dispatcher: Dispatcher;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Reads the partial success of an answer's body. */
  readonly readRejected: (body: Uint8Array) => { readonly rejected: number; readonly message: string };
  /** The time of day, for a `Retry-After` that is a date. */
  readonly wallMs: () => number;
  /** Told how far this clock is ahead of the collector's, in milliseconds (negative: behind), as far as an answer shows. */
  readonly onClockOffset?: ((offsetMs: number) => void) | undefined;
}

/** OTLP specification 1.x, "OTLP/HTTP Response", "Retryable Response Codes". */
const RETRYABLE_CODES = new Set([429, 502, 503, 504]);
const LONGEST_RETRY_AFTER_MS = 60_000;
const SHOWN_CHARACTERS = 200;

/** Sends one OTLP request in protobuf and says what became of it. Never rejects for what the network does. */
export async function postOtlp(body: Uint8Array, options: PostOptions): Promise<PostOutcome> {
  const limit = AbortSignal.timeout(options.timeoutMs);
  const { idempotencyKey } = options;
  const sentMs = options.wallMs();
  try {
    const response = await request(options.url, {
      method: 'POST',
      headers: {
        ...options.headers,
        'content-type': 'application/x-protobuf',
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': `"${idempotencyKey}"` }),
      },
      body,
      dispatcher: options.dispatcher,
      signal: AbortSignal.any([limit, options.signal]),
    });
    const offsetMs = readClockOffset(response.headers['date'], sentMs, options.wallMs());
    if (offsetMs !== undefined) options.onClockOffset?.(offsetMs);
    const answer = new Uint8Array(await response.body.arrayBuffer());
    if (response.statusCode === 200) return { status: 'ok', ...options.readRejected(answer) };
    return judgeStatus(response.statusCode, response.headers['retry-after'], answer, options.wallMs());
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const reason = limit.aborted ? 'timeout' : 'network';
    const message = 'code' in error ? String(error.code) : error.message;
    return { status: 'retryable', reason, limited: false, message };
  }
}

function judgeStatus(
  statusCode: number,
  retryAfter: string | string[] | undefined,
  answer: Uint8Array,
  wallMs: number,
): PostOutcome {
  const text = Buffer.from(answer.subarray(0, SHOWN_CHARACTERS))
    .toString('utf8')
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim();
  const message = `HTTP ${statusCode} ${text}`.trim();
  const reason: PostFailure = statusCode === 429 ? 'throttled' : statusCode >= 500 ? 'server_error' : 'refused';
  if (reason === 'refused') return { status: 'failed', reason, message };
  const afterMs = readRetryAfter(Array.isArray(retryAfter) ? retryAfter[0] : retryAfter, wallMs);
  // A 500 may be what the collector makes of exactly this request: it must not hold up the others for ever.
  const limited = !RETRYABLE_CODES.has(statusCode);
  return { status: 'retryable', reason, limited, message, ...(afterMs === undefined ? {} : { afterMs }) };
}

/**
 * Reads from `Date` how far this clock is ahead of the server's (negative: behind). It is in whole seconds and was written at some time between
 * sending and receiving: what is within that is no offset. Source: RFC 9110, section 6.6.1.
 * @returns milliseconds; `undefined` where the header is absent or unreadable
 */
export function readClockOffset(
  date: string | string[] | undefined,
  sentMs: number,
  receivedMs: number,
): number | undefined {
  const serverMs = typeof date === 'string' ? Date.parse(date) : Number.NaN;
  if (Number.isNaN(serverMs)) return undefined;
  return Math.max(0, sentMs - (serverMs + 1_000)) + Math.min(0, receivedMs - serverMs);
}

/**
 * Reads `Retry-After`, seconds or a date. Source: RFC 9110, section 10.2.3.
 * @returns milliseconds from now, at most a minute; `undefined` where the header is absent or unreadable
 */
export function readRetryAfter(value: string | undefined, wallMs: number): number | undefined {
  if (value === undefined) return undefined;
  const afterMs = /^\d+$/.test(value.trim()) ? Number(value) * 1_000 : Date.parse(value) - wallMs;
  if (Number.isNaN(afterMs)) return undefined;
  return Math.min(LONGEST_RETRY_AFTER_MS, Math.max(0, afterMs));
}
