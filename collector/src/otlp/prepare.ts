import type { Signal } from '../signal.ts';
import type { AcceptWindow } from './item-judge.ts';
import { encodeJsonRequest } from './json/encode-request.ts';
import type { Malformed } from './malformed.ts';
import { describeRefusals } from './refusal-message.ts';
import { rewriteRequest } from './rewrite.ts';
import { scanRequest, type ScanResult } from './scan.ts';

/** An export request as it came, with its compression removed. */
export interface RawRequest {
  readonly signal: Signal;
  readonly encoding: 'protobuf' | 'json';
  readonly body: Uint8Array;
  /** Which times are taken; its `nowMs` is when the request came. */
  readonly window: AcceptWindow;
  /** A request whose array, map and bytes values grow beyond this as text is refused. */
  readonly maxBytes: number;
}

/** What of a request was refused while the rest was taken. */
export interface PartialSuccess {
  /** Spans, data points or log records. */
  readonly rejected: number;
  /** Why, with an example of each reason. */
  readonly message: string;
}

/** A scan that found a valid request. */
export type Scanned = Extract<ScanResult, { status: 'ok' }>;

/** A request as the journal takes it, or why it takes none of it. */
export type Prepared =
  | {
      readonly status: 'ok';
      /** The body that came, where nothing had to be changed. */
      readonly body: Uint8Array;
      readonly scan: Omit<Scanned, 'rewrite'>;
      readonly partial?: PartialSuccess;
    }
  | Malformed
  | { readonly status: 'too_large'; readonly message: string };

/** Encodes JSON, scans, and sends what is not plain through the side door. */
export function prepareRequest(raw: RawRequest): Prepared {
  if (raw.encoding === 'protobuf') return scanAndFinish(raw);
  const encoded = encodeJsonRequest(raw.signal, raw.body);
  return encoded.status === 'ok' ? scanAndFinish({ ...raw, body: encoded.body }) : encoded;
}

function scanAndFinish(raw: RawRequest): Prepared {
  const scan = scanRequest(raw.signal, raw.body, raw.window);
  return scan.status === 'ok' ? finishRequest(raw, scan) : scan;
}

/** The last step of a request in protobuf that has been scanned. */
export function finishRequest(raw: RawRequest, { rewrite, ...scan }: Scanned): Prepared {
  const { signal, body, window, maxBytes } = raw;
  if (!rewrite) return { status: 'ok', body, scan };
  const partial = describePartial(raw, scan);
  const rewritten = rewriteRequest(signal, body, rewrite, window.nowMs, maxBytes);
  if (rewritten.byteLength > maxBytes)
    return { status: 'too_large', message: `attribute values take more than ${maxBytes} bytes as text` };
  return { status: 'ok', body: rewritten, scan, ...(partial ? { partial } : {}) };
}

function describePartial(
  { signal, body, window }: RawRequest,
  { refusals, items }: Omit<Scanned, 'rewrite'>,
): PartialSuccess | undefined {
  if (!refusals) return undefined;
  const rejected = refusals.reduce((sum, { count }) => sum + count, 0);
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return { rejected, message: describeRefusals(signal, bytes, refusals, items + rejected, window) };
}
