import type { Logger } from '@tocsin/service/log';
import { CollectorError } from '../errors.ts';
import { encodeJsonRequest } from '../otlp/json/encode-request.ts';
import type { Malformed } from '../otlp/malformed.ts';
import { rewriteRequest } from '../otlp/rewrite.ts';
import { scanRequest } from '../otlp/scan.ts';
import type { Journal, Signal } from '../signal.ts';
import type { Encoding } from './status.ts';
import type { IntakeTelemetry, RefusalReason, Transport } from './telemetry.ts';

/** One export request with its compression removed. */
export interface ExportRequest {
  readonly signal: Signal;
  readonly transport: Transport;
  readonly encoding: Encoding;
  readonly body: Uint8Array;
  /** It came from one of Tocsin's own services. */
  readonly self: boolean;
}

/** How an export request ended. `accepted` means that it is on disk. */
export type ExportOutcome =
  | { readonly status: 'accepted' }
  | { readonly status: 'malformed'; readonly problem: Malformed }
  | { readonly status: 'too_large'; readonly message: string }
  | { readonly status: 'unavailable'; readonly message: string; readonly retryAfterMs: number };

/** Takes export requests of both transports: scan, journal, count. */
export interface Receiver {
  receive(request: ExportRequest): Promise<ExportOutcome>;
  /** Counts a request that a server refused before `receive`. */
  refused(signal: Signal, transport: Transport, reason: RefusalReason): void;
}

/** What a receiver is made of. */
export interface ReceiverOptions {
  readonly journal: Journal;
  readonly telemetry: IntakeTelemetry;
  readonly log: Logger;
  /** A request whose array, map and bytes values grow beyond this as text is refused. */
  readonly maxRequestBytes: number;
}

const RETRY_AFTER_FAILURE_MS = 5_000;

type Prepared =
  | { readonly status: 'ok'; readonly body: Uint8Array; readonly items: number }
  | Malformed
  | { readonly status: 'too_large' };

/** Makes the receiver. Malformed requests never reach the journal. */
export function createReceiver({ journal, telemetry, log, maxRequestBytes }: ReceiverOptions): Receiver {
  async function store(request: ExportRequest, body: Uint8Array, items: number): Promise<ExportOutcome> {
    const { signal, transport, self } = request;
    const result = await journal.append(signal, body, { items, self });
    if (result.status === 'stored') {
      telemetry.accepted(signal, transport, items, body.byteLength);
      return { status: 'accepted' };
    }
    telemetry.refused(signal, transport, result.reason);
    const what = result.reason === 'journal_full' ? 'the journal is full' : 'the disk is full';
    return { status: 'unavailable', message: `${what}, try again later`, retryAfterMs: result.retryAfterMs };
  }

  return {
    refused: (signal, transport, reason) => telemetry.refused(signal, transport, reason),
    async receive(request) {
      const { signal, transport } = request;
      const prepared = prepare(request, maxRequestBytes);
      if (prepared.status === 'malformed') {
        telemetry.refused(signal, transport, prepared.reason);
        log.debug(
          { signal, transport, reason: prepared.reason, detail: prepared.message },
          'request refused: malformed',
        );
        return { status: 'malformed', problem: prepared };
      }
      if (prepared.status === 'too_large') {
        telemetry.refused(signal, transport, 'too_large');
        return { status: 'too_large', message: `attribute values take more than ${maxRequestBytes} bytes as text` };
      }
      try {
        return await store(request, prepared.body, prepared.items);
      } catch (error) {
        if (!(error instanceof CollectorError)) throw error;
        telemetry.refused(signal, transport, 'journal_failed');
        log.error({ signal, transport, reason: error.code, err: error }, 'request refused: the journal failed');
        const message = 'the request could not be stored, try again later';
        return { status: 'unavailable', message, retryAfterMs: RETRY_AFTER_FAILURE_MS };
      }
    },
  };
}

/** Encodes JSON, scans, and sends what is not plain through the side door. */
function prepare({ signal, encoding, body }: ExportRequest, maxRequestBytes: number): Prepared {
  const encoded = encoding === 'json' ? encodeJsonRequest(signal, body) : { status: 'ok' as const, body };
  if (encoded.status !== 'ok') return encoded;
  const scan = scanRequest(signal, encoded.body);
  if (scan.status !== 'ok') return scan;
  if (!scan.rewrite) return { status: 'ok', body: encoded.body, items: scan.items };
  const rewritten = rewriteRequest(signal, encoded.body, scan.rewrite);
  if (rewritten.byteLength > maxRequestBytes) return { status: 'too_large' };
  return { status: 'ok', body: rewritten, items: scan.items };
}
