import type { Logger } from '@tocsin/service/log';
import { CollectorError } from '../errors.ts';
import type { AcceptWindow } from '../otlp/item-judge.ts';
import type { Malformed } from '../otlp/malformed.ts';
import { findMetricFields } from '../otlp/metric-fields.ts';
import type { PartialSuccess, Prepared } from '../otlp/prepare.ts';
import type { Preparer } from '../otlp/preparer.ts';
import type { AppendResult, Journal, RequestKey } from '../signal.ts';
import type { Encoding } from './status.ts';
import type { IntakeSource, IntakeTelemetry, RefusalReason } from './telemetry.ts';

/** One export request with its compression removed. */
export interface ExportRequest extends IntakeSource {
  readonly encoding: Encoding;
  readonly body: Uint8Array;
  /** It came from one of Tocsin's own services. */
  readonly self: boolean;
  /** And is known to: it showed the key of Tocsin's own processes, or nobody has to show one. */
  readonly isOwn: boolean;
  /** Items further ahead than this are refused, where it is less than what the collector takes. */
  readonly acceptFutureMs?: number | undefined;
  /** Of a request that is stored once, however often it comes. */
  readonly idempotencyKey?: RequestKey | undefined;
}

/** How an export request ended. `accepted` means that it is on disk, now or since it came before, apart from what `partial` says. */
export type ExportOutcome =
  | { readonly status: 'accepted'; readonly partial?: PartialSuccess }
  | { readonly status: 'malformed'; readonly problem: Malformed }
  | { readonly status: 'too_large'; readonly message: string }
  | { readonly status: 'unavailable'; readonly message: string; readonly retryAfterMs: number };

/** Takes export requests of both transports: scan, journal, count. */
export interface Receiver {
  receive(request: ExportRequest): Promise<ExportOutcome>;
  /** Counts a request that a server refused before `receive`. */
  refused(source: IntakeSource, reason: RefusalReason): void;
}

/** What a receiver is made of. */
export interface ReceiverOptions {
  readonly journal: Journal;
  readonly preparer: Pick<Preparer, 'prepare'>;
  readonly telemetry: IntakeTelemetry;
  readonly log: Logger;
  /** A request whose array, map and bytes values grow beyond this as text is refused. */
  readonly maxRequestBytes: number;
  /** Items whose time lies further back or ahead are refused. */
  readonly accept: Pick<AcceptWindow, 'pastMs' | 'futureMs'>;
  /** The wall clock in milliseconds. */
  readonly now: () => number;
}

/** What Tocsin's own processes have kept while the collector was away may be this old: alerting keeps its history for seven days. */
const OWN_PAST_MS = 8 * 86_400_000;
const RETRY_AFTER_FAILURE_MS = 5_000;
/** A warning, which partial success is for when nothing was rejected. Source: OTLP specification 1.11.0, "Partial Success". */
const OLD_SEQUENCE_MESSAGE =
  'not stored: the number in Idempotency-Key is 64 or more before the latest of its producer, so this request was taken for a repeated one';

type Stored = Extract<Prepared, { status: 'ok' }>;

/** Makes the receiver. Malformed requests never reach the journal. */
export function createReceiver(options: ReceiverOptions): Receiver {
  const { journal, preparer, telemetry, log, maxRequestBytes: maxBytes, accept, now } = options;

  async function store(request: ExportRequest, { body, scan, partial }: Stored): Promise<ExportOutcome> {
    const { signal, self, idempotencyKey: key } = request;
    const { items } = scan;
    // What holds nothing (more) to store leaves no trace in the journal.
    const summary = { items, self, key, ...(signal === 'metrics' ? { metricFields: findMetricFields(body) } : {}) };
    const result: AppendResult = items === 0 ? { status: 'stored' } : await journal.append(signal, body, summary);
    if (result.status === 'stored') {
      telemetry.accepted(request, items, items === 0 ? 0 : body.byteLength);
      countItems(telemetry, request, scan);
      return { status: 'accepted', ...(partial ? { partial } : {}) };
    }
    if (result.status === 'repeated') {
      telemetry.repeated(request, result.isExact ? 'duplicate' : 'old_sequence', items);
      const told = result.isExact ? partial : { rejected: 0, message: OLD_SEQUENCE_MESSAGE };
      return { status: 'accepted', ...(told ? { partial: told } : {}) };
    }
    telemetry.refused(request, result.reason);
    telemetry.itemsRefused(request, result.reason, items);
    const what = result.reason === 'journal_full' ? 'the journal is full' : 'the disk is full';
    return { status: 'unavailable', message: `${what}, try again later`, retryAfterMs: result.retryAfterMs };
  }

  return {
    refused: (source, reason) => telemetry.refused(source, reason),
    async receive(request) {
      const { signal, transport, encoding, body } = request;
      const prepared = await preparer.prepare({
        signal,
        encoding,
        body,
        maxBytes,
        window: {
          pastMs: request.isOwn ? Math.max(accept.pastMs, OWN_PAST_MS) : accept.pastMs,
          futureMs: Math.min(accept.futureMs, request.acceptFutureMs ?? Infinity),
          nowMs: now(),
        },
      });
      if (prepared.status === 'malformed') {
        telemetry.refused(request, prepared.reason);
        const { reason, message: detail } = prepared;
        log.debug({ signal, transport, reason, detail }, 'request refused: malformed');
        return { status: 'malformed', problem: prepared };
      }
      if (prepared.status === 'too_large') {
        telemetry.refused(request, 'too_large');
        return prepared;
      }
      if (prepared.status === 'unavailable') {
        telemetry.refused(request, 'busy');
        const message = 'the request could not be read now, try again later';
        return { status: 'unavailable', message, retryAfterMs: RETRY_AFTER_FAILURE_MS };
      }
      try {
        return await store(request, prepared);
      } catch (error) {
        if (!(error instanceof CollectorError)) throw error;
        telemetry.refused(request, 'journal_failed');
        telemetry.itemsRefused(request, 'journal_failed', prepared.scan.items);
        log.error({ signal, transport, reason: error.code, err: error }, 'request refused: the journal failed');
        const message = 'the request could not be stored, try again later';
        return { status: 'unavailable', message, retryAfterMs: RETRY_AFTER_FAILURE_MS };
      }
    },
  };
}

/** Counts what was not taken, or not as it came, of a request that is stored. */
function countItems(
  telemetry: IntakeTelemetry,
  source: ExportRequest,
  { refusals = [], endBeforeStart = 0 }: Stored['scan'],
): void {
  for (const { reason, count } of refusals) telemetry.itemsRefused(source, reason, count);
  if (endBeforeStart > 0) telemetry.itemsMended(source, 'end_before_start', endBeforeStart);
}
