import { type Attributes, metrics } from '@opentelemetry/api';
import type { RefusedReason } from '../otlp/item-judge.ts';
import type { MalformedReason } from '../otlp/malformed.ts';
import type { Signal } from '../signal.ts';
import type { AccessReason } from './access/gate.ts';

/** How a request came. */
export type Transport = 'http' | 'grpc';

/** Why a good request cannot be stored now. */
export type StoreReason = 'journal_full' | 'disk_full' | 'journal_failed';

/** Why a request was refused: the metric's attribute, the log's field. */
export type RefusalReason =
  | MalformedReason
  | 'too_large'
  | 'bad_compression'
  | 'bad_media_type'
  | 'bad_encoding'
  | 'incomplete'
  | 'timeout'
  | 'foreign_origin'
  | 'bad_idempotency_key'
  | 'bad_accept_future'
  | AccessReason
  | 'busy'
  | StoreReason;

/** Where a request comes from: the attributes of its metrics. */
export interface IntakeSource {
  readonly signal: Signal;
  readonly transport: Transport;
  /** The name of the key that was shown. */
  readonly key?: string | undefined;
}

/** What was changed in an item that is stored. */
export type MendReason = 'end_before_start';

/**
 * Why a request with a key was not stored: it had been, or its number lies before all that are known one by one, so that it was settled long ago.
 */
export const REPEAT_REASONS = ['duplicate', 'old_sequence'] as const;
export type RepeatReason = (typeof REPEAT_REASONS)[number];

/** Counts what comes in. */
export interface IntakeTelemetry {
  accepted(source: IntakeSource, items: number, sizeBytes: number): void;
  refused(source: IntakeSource, reason: RefusalReason): void;
  /** A request that was sent again, and was answered like the first time and not stored. */
  repeated(source: IntakeSource, reason: RepeatReason, items: number): void;
  /** Items that were not taken, where it is known how many: single ones of a request, or all because they cannot be stored now. */
  itemsRefused(source: IntakeSource, reason: RefusedReason | StoreReason, items: number): void;
  itemsMended(source: IntakeSource, reason: MendReason, items: number): void;
}

/**
 * Makes the counters of the meter `tocsin.collector`. Call it after the telemetry SDK has been started.
 * @param countQueued how many large requests wait for the thread that prepares them, or are in it
 */
export function createIntakeTelemetry(countQueued: () => number): IntakeTelemetry {
  const meter = metrics.getMeter('tocsin.collector');
  const requests = meter.createCounter('tocsin.collector.requests', {
    unit: '{request}',
    description: 'Export requests, by outcome and its reason',
  });
  const items = meter.createCounter('tocsin.collector.items', {
    unit: '{item}',
    description: 'Spans, data points and log records accepted',
  });
  const bytes = meter.createCounter('tocsin.collector.bytes', {
    unit: 'By',
    description: 'Bytes accepted, as protobuf without compression',
  });
  const refusedItems = meter.createCounter('tocsin.collector.items.refused', {
    unit: '{item}',
    description: 'Spans, data points and log records refused, by reason; not those of requests that were not read',
  });
  const repeatedItems = meter.createCounter('tocsin.collector.items.repeated', {
    unit: '{item}',
    description: 'Spans, data points and log records that were sent again and not stored again, by reason',
  });
  const mendedItems = meter.createCounter('tocsin.collector.items.mended', {
    unit: '{item}',
    description: 'Spans, data points and log records stored otherwise than they came, by reason',
  });
  const queued = meter.createObservableGauge('tocsin.collector.requests.queued', {
    unit: '{request}',
    description: 'Large requests that wait for the thread that encodes, checks and rewrites them, or are in it',
  });
  meter.addBatchObservableCallback((result) => result.observe(queued, countQueued()), [queued]);
  return {
    accepted(source, count, sizeBytes) {
      const attributes = attributesOf(source);
      requests.add(1, { ...attributes, outcome: 'accepted' });
      items.add(count, attributes);
      bytes.add(sizeBytes, attributes);
    },
    refused: (source, reason) => requests.add(1, { ...attributesOf(source), outcome: 'refused', reason }),
    repeated(source, reason, count) {
      const attributes = attributesOf(source);
      requests.add(1, { ...attributes, outcome: 'repeated', reason });
      repeatedItems.add(count, { ...attributes, reason });
    },
    itemsRefused: (source, reason, count) => refusedItems.add(count, { ...attributesOf(source), reason }),
    itemsMended: (source, reason, count) => mendedItems.add(count, { ...attributesOf(source), reason }),
  };
}

function attributesOf({ signal, transport, key }: IntakeSource): Attributes {
  return key === undefined ? { signal, transport } : { signal, transport, key };
}
